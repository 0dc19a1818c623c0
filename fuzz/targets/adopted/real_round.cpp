// Job: see real_round.h.
#include "targets/adopted/real_round.h"

#include <sched.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <random>
#include <thread>
#include <vector>

#include "targets/adopted/manifest.h"
#include "targets/adopted/optional_calls.h"

// real_urcu.cpp
extern "C" {
void rcufarm_urcu_read_lock(void);
void rcufarm_urcu_read_unlock(void);
void rcufarm_urcu_barrier(void);
}

namespace rcufarm::real {

Page* page;

namespace {

using Rng = std::mt19937_64;

constexpr unsigned slots = 4;
constexpr unsigned held_max = 24;

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

}  // namespace

void run_round(std::uint64_t seed, bool looks_for_leaks) {
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

}  // namespace rcufarm::real
