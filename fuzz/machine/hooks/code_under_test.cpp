#include "machine/hooks/code_under_test.h"

#include <unistd.h>

#include <cstdio>

namespace rcufarm::hooks {

CodeUnderTest& CodeUnderTest::of_program() {
  static CodeUnderTest code;
  return code;
}

void CodeUnderTest::begin_run() {
  keys.clear();
  aligned.clear();
  handed_on.clear();
  memory_has_failed = false;
  was_fair_ = true;
  for (Thread& thread : threads_) {
    thread.idle_accesses = 0;
    thread.last_step = 0;
    thread.keys.clear();
    thread.variables.clear();
    thread.at_exit.clear();
    thread.ignores_races = 0;
    thread.thrown = nullptr;
    thread.result = nullptr;
    thread.is_detached = false;
  }
}

void CodeUnderTest::look_for_the_starved() {
  constexpr std::uint64_t patience = 5000;
  const sim::Core& c = sim::core();
  if (!was_fair_ || c.steps < patience) return;
  for (const sim::ContextId id : c.candidates) {
    if (threads_[sim::index_of(id)].last_step + patience < c.steps) was_fair_ = false;
  }
}

void CodeUnderTest::thread_ends() {
  for (std::vector<Thread::AtExit>& left = thread().at_exit; !left.empty();) {
    const Thread::AtExit last = left.back();
    left.pop_back();
    last.destructor(last.object);
  }
  constexpr int rounds = 4;  // POSIX: a destructor may set another key
  for (int round = 0; round < rounds; ++round) {
    bool is_clean = true;
    Thread& mine = thread();
    for (std::size_t i = 0; i < mine.keys.size(); ++i) {
      void* value = mine.keys[i];
      if (value == nullptr || i >= keys.size() || keys[i].destructor == nullptr) continue;
      mine.keys[i] = nullptr;
      is_clean = false;
      keys[i].destructor(value);
    }
    if (is_clean) return;
  }
}

const Thread::Variable* CodeUnderTest::variable_at(const void* address) const {
  for (const Thread& thread : threads_) {
    for (const Thread::Variable& variable : thread.variables) {
      const auto offset = reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(variable.memory);
      if (offset < variable.bytes) return &variable;
    }
  }
  return nullptr;
}

void refuse(const char* text, const sim::Site& site) {
  std::fflush(stdout);
  std::fprintf(stderr, "rcufarm: %s (%s:%u) calls %s, which the simulated machine does not have.\n", site.function,
               site.file, site.line, text);
  _exit(2);
}

}  // namespace rcufarm::hooks
