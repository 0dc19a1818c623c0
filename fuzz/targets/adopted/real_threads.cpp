// An adopted allocator on real threads, under the sanitizer that it was compiled with.
//
// Job: run rounds (real_round.h) until something is found or time is up. Each is a child process, in which globals have their
// first values; this one has no thread, watches, and tells how it ended. Exit 0: nothing found; 1: a finding, whose report stands above;
// 2: it cannot be run here.
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "targets/adopted/optional_calls.h"
#include "targets/adopted/real_round.h"

extern "C" {
// Called by the sanitizers before main(). Without a destroy nobody expects memory back.
const char* __asan_default_options(void);
__attribute__((no_sanitize("all"))) const char* __asan_default_options(void) {
  return rcufarm_target_destroy != nullptr ? "handle_abort=1:detect_leaks=1:detect_stack_use_after_return=0"
                                           : "handle_abort=1:detect_leaks=0:detect_stack_use_after_return=0";
}
const char* __ubsan_default_options(void);
__attribute__((no_sanitize("all"))) const char* __ubsan_default_options(void) { return "print_stacktrace=1"; }
const char* __tsan_default_options(void);
__attribute__((no_sanitize("all"))) const char* __tsan_default_options(void) {
  return "halt_on_error=1:handle_abort=1:second_deadlock_stack=1:report_thread_leaks=0:atexit_sleep_ms=0";
}
}

namespace rcufarm::real {

namespace {

constexpr unsigned quiet_ticks_max = 150;  // of 200 ms without an operation of anybody: there is no end
constexpr unsigned leaks_every = 8;        // rounds: a look for leaks takes longer than a round
constexpr std::size_t report_bytes_max = std::size_t{1} << 20U;

struct Ended {
  int status = 0;
  std::string report;
  bool is_stuck = false;
};

// Reads what the child says until it ends; ends it where nobody gets on.
Ended watch(pid_t child, int pipe) {
  Ended ended;
  std::uint64_t before = page->operations.load();
  unsigned quiet = 0;
  std::array<char, 4096> buffer{};
  for (;;) {
    pollfd wait_for{.fd = pipe, .events = POLLIN, .revents = 0};
    if (poll(&wait_for, 1, 200) > 0) {
      const ssize_t got = read(pipe, buffer.data(), buffer.size());
      if (got <= 0) break;
      if (ended.report.size() < report_bytes_max) ended.report.append(buffer.data(), static_cast<std::size_t>(got));
      continue;
    }
    const std::uint64_t now = page->operations.load();
    quiet = now == before ? quiet + 1 : 0;
    before = now;
    if (quiet > quiet_ticks_max && !ended.is_stuck) {
      ended.is_stuck = true;
      kill(child, SIGKILL);
    }
  }
  waitpid(child, &ended.status, 0);
  return ended;
}

std::string no_end() {
  std::string text = "no-end: no thread got on for 30 seconds;";
  for (unsigned i = 0; i <= threads_max; ++i) {
    const char* name = page->doing[i].load();
    if (name == nullptr) continue;
    text += i == 0 ? " the main thread is in " : " thread " + std::to_string(i) + " is in ";
    text += std::string(name) + "(),";
  }
  text.back() = '\n';
  return text;
}

// For people: the sanitizer's summary, or the last line.
std::string headline(const std::string& report) {
  std::size_t at = report.find("SUMMARY: ");
  if (at == std::string::npos) at = report.find("runtime error: ");
  if (at == std::string::npos) at = report.rfind('\n', report.size() < 2 ? 0 : report.size() - 2) + 1;
  return report.substr(at, report.find('\n', at) - at);
}

// The finaliser of splitmix64: neighbouring numbers give unrelated rounds.
std::uint64_t mixed(std::uint64_t seed, std::uint64_t round) {
  std::uint64_t x = seed * 0x9e3779b97f4a7c15U + round;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

int run(double seconds, std::uint64_t seed) {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - began).count(); };
  for (std::uint64_t round = 0;; ++round) {
    const bool is_over = elapsed() >= seconds;
    if (is_over && round > 0) {
      std::printf("%" PRIu64 " rounds, %" PRIu64 " operations, %" PRIu64 " objects, %" PRIu64
                  " looks of readers in %.1f s: nothing found\n",
                  round, page->operations.load(), page->objects.load(), page->looks.load(), elapsed());
      return 0;
    }
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return std::perror("no pipe"), 2;
    std::fflush(stdout);
    const pid_t child = fork();
    if (child < 0) return std::perror("cannot fork"), 2;
    if (child == 0) {
      dup2(ends[1], STDERR_FILENO);
      close(ends[0]);
      close(ends[1]);
      run_round(mixed(seed, round), round % leaks_every == 0);
    }
    close(ends[1]);
    Ended ended = watch(child, ends[0]);
    close(ends[0]);
    if (!ended.is_stuck && ended.status == 0 && page->rounds.load() == round + 1) continue;
    if (ended.is_stuck) ended.report += no_end();
    std::fputs(ended.report.c_str(), stdout);
    const bool is_ours = WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == exit_cannot;
    const bool is_killed = WIFSIGNALED(ended.status) && WTERMSIG(ended.status) == SIGKILL && !ended.is_stuck;
    if (is_ours || is_killed || ended.report.find("LeakSanitizer has encountered a fatal error") != std::string::npos) {
      std::printf("it cannot be run here: %s\n", is_killed ? "something killed the round; is there too little memory?"
                                                           : headline(ended.report).c_str());
      return 2;
    }
    if (ended.report.empty()) {
      ended.report = WIFSIGNALED(ended.status)
                         ? std::string("crash: ") + strsignal(WTERMSIG(ended.status)) + "\n"
                         : "exit: the code ends the process with " + std::to_string(WEXITSTATUS(ended.status)) + "\n";
    }
    std::printf("found in round %" PRIu64 " after %.2f s: %s\n", round + 1, elapsed(), headline(ended.report).c_str());
    return 1;
  }
}

}  // namespace

}  // namespace rcufarm::real

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: %s SECONDS SEED\n", argv[0]), 2;
  void* memory = mmap(nullptr, sizeof(rcufarm::real::Page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return std::perror("no memory"), 2;
  rcufarm::real::page = new (memory) rcufarm::real::Page;
  return rcufarm::real::run(std::atof(argv[1]), std::strtoull(argv[2], nullptr, 10));
}
