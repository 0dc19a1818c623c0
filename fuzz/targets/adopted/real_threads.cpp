// An adopted allocator on real threads, under the sanitizer that it was compiled with.
//
// Job: run rounds of random operations until something is found or time is up. A round is a child process, in which globals have their
// first values: init, some threads that allocate, hand over, look and free, destroy. The parent has no thread; it watches, and tells
// how it ended. Exit 0: nothing found; 1: a finding, whose report stands above; 2: it cannot be run here.
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cinttypes>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <new>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "rcufarm_target.h"
#include "targets/adopted/manifest.h"

// What a target may lack.
extern "C" {
void rcufarm_target_destroy(void) __attribute__((weak));
void rcufarm_target_free_deferred(void* object, size_t bytes) __attribute__((weak));
void rcufarm_target_thread_begin(void) __attribute__((weak));
void rcufarm_target_thread_end(void) __attribute__((weak));
void rcufarm_target_read_lock(void) __attribute__((weak));
void rcufarm_target_read_unlock(void) __attribute__((weak));
void rcufarm_target_quiescent(void) __attribute__((weak));
void rcufarm_urcu_read_lock(void);
void rcufarm_urcu_read_unlock(void);
void rcufarm_urcu_barrier(void);

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

namespace {

using Rng = std::mt19937_64;

constexpr unsigned threads_max = 4;
constexpr unsigned slots = 4;
constexpr unsigned held_max = 24;
constexpr int exit_found = 3;  // by the looks of this file; sanitizers have numbers of their own
constexpr int exit_cannot = 4;
constexpr unsigned quiet_ticks_max = 150;  // of 200 ms without an operation of anybody: there is no end
constexpr unsigned leaks_every = 8;        // rounds: a look for leaks takes longer than a round
constexpr std::size_t report_bytes_max = std::size_t{1} << 20U;

// Shared by the parent and its child.
struct Page {
  std::atomic<std::uint64_t> rounds{0};  // that came to their end
  std::atomic<std::uint64_t> operations{0};
  std::atomic<std::uint64_t> objects{0};
  std::atomic<std::uint64_t> looks{0};
  std::array<std::atomic<const char*>, threads_max + 1> doing{};  // texts of this program; the main thread's first
};
Page* page;

[[noreturn]] void found(const char* format, ...) __attribute__((format(printf, 1, 2)));
[[noreturn]] void found(const char* format, ...) {
  std::array<char, 400> text{};
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text.data(), text.size(), format, arguments);
  va_end(arguments);
  std::fprintf(stderr, "%s\n", text.data());
  std::_Exit(exit_found);
}

// Lives to the end of its round: readers look at it after others have freed the object.
struct Item {
  unsigned char* object;
  std::size_t bytes;
  unsigned char stamp;
};

void check(const Item& item, std::size_t from, const char* who) {
  if (from >= item.bytes) return;
  const unsigned char* first = item.object + from;
  const std::size_t bytes = item.bytes - from;
  // All bytes are equal if each is like the one behind it.
  if (*first == item.stamp && std::memcmp(first, first + 1, bytes - 1) == 0) return;
  found(
      "corrupted: an object of %zu bytes does not hold what was written into it, %s: somebody else has it, or wrote "
      "there",
      item.bytes, who);
}

using Slots = std::array<std::atomic<Item*>, slots>;

// Of one round.
struct Shared {
  Slots handed_over{};  // who takes an object from here has it
  Slots published{};    // readers look at these
};

class Thread {
 public:
  Thread(Shared& shared, unsigned number, std::uint64_t seed) : shared_(shared), number_(number), random_(seed) {}

  void begin() {
    if (rcufarm_target_thread_begin != nullptr) doing("thread_begin", [] { rcufarm_target_thread_begin(); });
  }
  void end() {
    if (rcufarm_target_thread_end != nullptr) doing("thread_end", [] { rcufarm_target_thread_end(); });
  }

  void work(unsigned operations) {
    for (unsigned i = 0; i < operations; ++i) {
      const bool defers = rcufarm_target_free_deferred != nullptr;
      switch (random_() % 16) {
        case 0:
          if (below(4) == 0) sched_yield();
          break;
        case 1:
        case 2: hand_over(); break;
        case 3:
        case 4:
        case 5: free_one(); break;
        case 6:
        case 7:
        case 8:
          if (defers) publish();
          break;
        case 9:
        case 10:
        case 11:
          if (defers) look();
          break;
        default: alloc(); break;
      }
      if (rcufarm_target_quiescent != nullptr) doing("quiescent", [] { rcufarm_target_quiescent(); });
      page->operations.fetch_add(1, std::memory_order_relaxed);
    }
  }

  // What is left: by the thread that is last.
  void take_from(Thread& other) {
    held_.insert(held_.end(), other.held_.begin(), other.held_.end());
    other.held_.clear();
  }
  void free_all() {
    while (!held_.empty()) free_one();
    for (std::atomic<Item*>& slot : shared_.handed_over) free(slot.exchange(nullptr));
    for (std::atomic<Item*>& slot : shared_.published) retire(slot.exchange(nullptr));
  }

 private:
  template <class Call>
  auto doing(const char* name, Call call) -> decltype(call()) {
    struct Doing {
      std::atomic<const char*>& place;
      ~Doing() { place.store(nullptr, std::memory_order_relaxed); }
    };
    page->doing[number_].store(name, std::memory_order_relaxed);
    const Doing until_end{page->doing[number_]};
    return call();
  }

  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  std::atomic<Item*>& one_of(Slots& all) { return all[below(slots)]; }

  void alloc() {
    if (held_.size() == held_max) return free_one();
    const std::size_t bytes = rcufarm_manifest.sizes[below(rcufarm_manifest.sizes_count)];
    void* object = doing("alloc", [=] { return rcufarm_target_alloc(bytes); });
    if (object == nullptr) {
      if (rcufarm_manifest.serves_while_memory)
        found("spurious-null: alloc(%zu) said NULL, and there is memory", bytes);
      return;
    }
    page->objects.fetch_add(1, std::memory_order_relaxed);
    items_.push_back({static_cast<unsigned char*>(object), bytes, static_cast<unsigned char>(1 + below(255))});
    std::memset(object, items_.back().stamp, bytes);
    held_.push_back(&items_.back());
  }

  Item* pick() {
    if (held_.empty()) return nullptr;
    std::swap(held_[below(held_.size())], held_.back());
    Item* item = held_.back();
    held_.pop_back();
    check(*item, 0, "as its owner finds");
    return item;
  }

  void free(const Item* item) {
    if (item == nullptr) return;
    check(*item, 0, "as its owner finds");
    doing("free", [=] { rcufarm_target_free(item->object, item->bytes); });
  }
  void free_one() { free(pick()); }

  // release and acquire: an object is handed over as a correct program does it.
  void hand_over() {
    Item* taken = one_of(shared_.handed_over).exchange(pick(), std::memory_order_acq_rel);
    if (taken != nullptr) held_.push_back(taken);
  }

  void publish() {
    const bool in_section = rcufarm_manifest.defers_in_sections && below(4) == 0;
    if (in_section) enter();
    retire(one_of(shared_.published).exchange(pick(), std::memory_order_acq_rel));
    if (in_section) leave();
  }
  // Readers may look at it.
  void retire(const Item* item) {
    if (item == nullptr) return;
    check(*item, 0, "as who frees it finds");
    doing("free_deferred", [=] { rcufarm_target_free_deferred(item->object, item->bytes); });
  }

  void enter() {
    rcufarm_urcu_read_lock();
    if (rcufarm_target_read_lock != nullptr) doing("read_lock", [] { rcufarm_target_read_lock(); });
  }
  void leave() {
    if (rcufarm_target_read_unlock != nullptr) doing("read_unlock", [] { rcufarm_target_read_unlock(); });
    rcufarm_urcu_read_unlock();
  }

  void look() {
    const bool is_nested = below(4) == 0;
    enter();
    if (is_nested) enter();
    // acquire: pairs with the release in publish(), so that what the object holds is seen.
    const Item* item = one_of(shared_.published).load(std::memory_order_acquire);
    if (item != nullptr) {
      check(*item, rcufarm_manifest.link_bytes, "as a reader finds in its section");
      for (std::uint64_t wait = below(200); wait > 0; --wait) std::atomic_signal_fence(std::memory_order_seq_cst);
      if (below(16) == 0) sched_yield();
    }
    if (is_nested) leave();
    if (item != nullptr) check(*item, rcufarm_manifest.link_bytes, "as a reader finds in its section");
    leave();
    page->looks.fetch_add(1, std::memory_order_relaxed);
  }

  Shared& shared_;
  const unsigned number_;
  Rng random_;
  std::deque<Item> items_;  // that do not move
  std::vector<Item*> held_;
};

// Runs in the child.
[[noreturn]] void run_round(std::uint64_t seed, bool looks_for_leaks) {
  Rng random(seed);
  const unsigned count = 2 + static_cast<unsigned>(random() % (threads_max - 1));
  page->doing[0].store("init", std::memory_order_relaxed);
  if (const int said = rcufarm_target_init(); said != 0) {
    std::fprintf(stderr, "init() said %d, and there is memory\n", said);
    std::_Exit(exit_cannot);
  }
  page->doing[0].store(nullptr, std::memory_order_relaxed);
  {
    Shared shared;
    Thread main(shared, 0, random());
    main.begin();
    std::deque<Thread> threads;
    std::vector<std::thread> running;
    // Short rounds end often, long ones pile up: from 32 to 4,096 operations.
    const unsigned operations = 32U << (random() % 8);
    for (unsigned i = 0; i < count; ++i) threads.emplace_back(shared, i + 1, random());
    running.reserve(count);
    for (Thread& thread : threads) {
      running.emplace_back([&thread, operations] {
        thread.begin();
        thread.work(operations);
        thread.end();
      });
    }
    for (std::thread& thread : running) thread.join();
    for (Thread& thread : threads) main.take_from(thread);
    main.free_all();
    main.end();
    page->doing[0].store("destroy", std::memory_order_relaxed);
    if (rcufarm_target_destroy != nullptr) rcufarm_target_destroy();
  }
  // Callbacks that destroy did not wait for find what it left.
  rcufarm_urcu_barrier();
  page->rounds.fetch_add(1);
  page->doing[0].store("exit", std::memory_order_relaxed);
  if (looks_for_leaks) std::exit(0);
  std::_Exit(0);
}

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

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: %s SECONDS SEED\n", argv[0]), 2;
  void* memory = mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return std::perror("no memory"), 2;
  page = new (memory) Page;
  return run(std::atof(argv[1]), std::strtoull(argv[2], nullptr, 10));
}
