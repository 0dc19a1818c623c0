// What code from elsewhere is told about the machine, and the machine about it.
//
// Job: the state of the hooks in one run: how such code means what it writes (Meaning), what each of its threads has (Thread),
// and the few questions that every hook asks. A host calls begin_run() before each run; all else is called in a run, by
// the hooks. Everything is the machine's thread's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "machine/kernel/core.h"
#include "sim_port/site.h"

namespace rcufarm::hooks {

// What a manifest says of the sources, of all runs.
struct Meaning {
  // Are volatile accesses of four bytes and more atomic ones without order, as old code means them?
  bool volatile_is_atomic = true;
  // And plain ones of a word: code whose own atomic loads and stores are plain accesses to a compiler?
  bool plain_is_atomic = false;
  // Has it fences of their own? Under sequential consistency, where races are judged by clocks, its atomic loads acquire then,
  // and its stores release: that is more than a fence gives, so nothing is accused that one orders.
  bool has_fences = false;
  // Does it say where it waits, as a kernel's code does by cpu_relax()? Else whoever looks and looks is taken to wait.
  bool says_where_it_waits = false;
};

// What a thread of the code under test has that is its own; callbacks have such, too.
struct Thread {
  unsigned idle_accesses = 0;   // since the last one that changed something
  std::uint64_t last_step = 0;  // of its last access
  std::vector<void*> keys;      // pthread_setspecific
  int ignores_races = 0;        // AnnotateIgnoreReadsBegin and its like that are open
  struct Variable {
    const void* control = nullptr;
    void* memory = nullptr;
    std::size_t bytes = 0;
  };
  std::vector<Variable> variables;  // thread_local
  struct AtExit {
    void (*destructor)(void*) = nullptr;
    void* object = nullptr;
  };
  std::vector<AtExit> at_exit;        // of thread_local variables
  const sim::Site* thrown = nullptr;  // where its last exception was
  // Of one that the code has started.
  void* result = nullptr;
  bool is_detached = false;  // or joined
};

struct Key {
  bool is_used = false;
  void (*destructor)(void*) = nullptr;
};

class CodeUnderTest {
 public:
  static CodeUnderTest& of_program();

  Meaning meaning;
  std::vector<Key> keys;
  // Blocks with a stricter alignment than the machine's memory has: where they begin, and the memory that they lie in.
  struct Aligned {
    void* given = nullptr;
    void* memory = nullptr;
    std::size_t bytes = 0;
  };
  std::vector<Aligned> aligned;

  bool memory_has_failed = false;  // in this run

  // What __tsan_release told of an address.
  std::unordered_map<const void*, sim::ClockHandle> handed_on;

  void begin_run();
  // Could everybody who was able to go on do so, as often as somebody waited for another? Where not, a run that did not end says
  // nothing: the schedule kept away whom the others waited for.
  bool was_fair() const { return was_fair_; }
  void look_for_the_starved();
  Thread& thread() { return threads_[sim::index_of(sim::core().current->id)]; }
  Thread& thread_of(sim::ContextId id) { return threads_[sim::index_of(id)]; }
  // As a thread ends: destructors of its variables, then those of its keys.
  void thread_ends();
  // The thread_local variable of this run that the address is in; null: none.
  const Thread::Variable* variable_at(const void* address) const;

 private:
  std::array<Thread, sim::context_count> threads_;
  bool was_fair_ = true;
};

// While one of these lives, nobody watches: a host asks code under test about itself, between two steps of a run.
class Unwatched {
 public:
  Unwatched() { ++count; }
  ~Unwatched() { --count; }
  Unwatched(const Unwatched&) = delete;
  Unwatched& operator=(const Unwatched&) = delete;
  static bool any() { return count != 0; }

 private:
  static inline unsigned count = 0;
};

// The machine, if the address is its own or a global of the code under test, and a run is going on; else null: then an access is
// nobody's business.
inline sim::Core* watching(const void* address) {
  sim::Core* core = sim::core_of_thread();
  if (core == nullptr || Unwatched::any()) return nullptr;
  if (core->memory.contains(address)) [[likely]]
    return core;
  for (unsigned i = 0; i < core->host_range_count; ++i) {
    const sim::Core::HostRange& range = core->host_ranges[i];
    if (reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(range.begin) < range.bytes)
      return core;
  }
  return nullptr;
}

// A thread that looks and looks, and changes nothing, waits for another one: let that go on.
constexpr unsigned idle_accesses_max = 64;
inline Thread& note_access() {
  Thread& thread = CodeUnderTest::of_program().thread();
  thread.last_step = sim::core().steps;
  return thread;
}
inline void note_idle(const sim::Site& site) {
  Thread& thread = note_access();
  if (++thread.idle_accesses < idle_accesses_max) [[likely]]
    return;
  thread.idle_accesses = 0;
  if (CodeUnderTest::of_program().meaning.says_where_it_waits) return;
  CodeUnderTest::of_program().look_for_the_starved();
  sim::cpu_relax(site);
}
inline void note_progress() { note_access().idle_accesses = 0; }

// It called what the machine does not have. Ends the process with exit code 2, since no run can be judged: `text` is the call.
[[noreturn, gnu::cold]] void refuse(const char* text, const sim::Site& site);

}  // namespace rcufarm::hooks

#define RCUFARM_CALLER ::rcufarm::hooks::place_of(__builtin_return_address(0))
