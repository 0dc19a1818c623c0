// Read sections.
//
// Job: registration of threads, entering and leaving sections, and answering grace periods. Any context.
#include "native/rcu_readers.h"

#include <time.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "native/backoff.h"
#include "native/machine.h"
#include "native/port/rcu.h"
#include "native/rcu_library.h"
#include "native/thread_state.h"
#include "native/tsan.h"

namespace rcufarm::native {
namespace {

// All threads that may read, process-wide as liburcu's own list is.
struct Readers {
  std::mutex lock;
  std::vector<ThreadState*> threads;
};

// Never destroyed: threads leave it when the process ends.
Readers& all_readers() {
  static Readers* const readers = new Readers;
  return *readers;
}

struct Registration {
  Registration() {
    rcu_memb.register_thread();
    rcu_bp.register_thread();
    const tsan::Unseen books;
    const std::scoped_lock held(all_readers().lock);
    all_readers().threads.push_back(&this_thread_state);
  }
  ~Registration() {
    {
      const tsan::Unseen books;
      const std::scoped_lock held(all_readers().lock);
      std::erase(all_readers().threads, &this_thread_state);
    }
    rcu_bp.unregister_thread();
    rcu_memb.unregister_thread();
  }
};

// Relaxed, and no read-modify-write: an nmi in between leaves a depth as it found it; sections_left is a hint.
void add(std::atomic<unsigned>& number, unsigned n) {
  number.store(number.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}

// Orders of the answers' own words. ThreadSanitizer does not see them: it would take the edges for more than is promised
// (tsan.h has those that are), and its calls keep the order.
constexpr auto acquire_unseen = tsan::enabled ? std::memory_order_relaxed : std::memory_order_acquire;
constexpr auto release_unseen = tsan::enabled ? std::memory_order_relaxed : std::memory_order_release;

// The calling thread is in no section of the flavour. An nmi that comes in between answers too; its newer answer is
// overwritten then, and the grace period waits for the next one.
void answer(ThreadState& me, kernel::RcuFlavor flavor, const Machine& machine) noexcept {
  std::atomic<std::uint64_t>& answered = me.answered[static_cast<unsigned>(flavor)];
  // Acquire: pairs with the release in GracePeriods::ask().
  const std::uint64_t question = machine.grace_periods(flavor).question().load(acquire_unseen);
  if (answered.load(std::memory_order_relaxed) == question) [[likely]]
    return;
  // Release: pairs with the acquire in silent_readers(); the sections before have ended.
  answered.store(question, release_unseen);
}

struct Inside {
  const ThreadState* thread;
  unsigned left;  // sections_left at the time
  bool operator==(const Inside&) const = default;
};

std::vector<Inside> readers_inside(kernel::RcuFlavor flavor) {
  const auto index = static_cast<unsigned>(flavor);
  std::vector<Inside> inside;
  const tsan::Unseen books;
  const std::scoped_lock held(all_readers().lock);
  for (const ThreadState* thread : all_readers().threads) {
    if (thread->read_depth[index].load(std::memory_order_relaxed) == 0) continue;
    inside.push_back({thread, thread->sections_left[index].load(std::memory_order_relaxed)});
  }
  return inside;
}

void leave_out(std::vector<Inside>& readers, const std::vector<Inside>& stay) {
  std::erase_if(readers, [&](const Inside& reader) { return std::ranges::find(stay, reader) == stay.end(); });
}

// A few microseconds: who runs on another core leaves a short section in that time.
constexpr unsigned relaxes_per_look = 200;

bool readers_move(kernel::RcuFlavor flavor) {
  std::vector<Inside> readers = readers_inside(flavor);
  for (unsigned i = 0; i < relaxes_per_look && !readers.empty(); ++i) kernel::cpu_relax();
  leave_out(readers, readers_inside(flavor));
  return readers.empty();
}

}  // namespace

void register_rcu_reader() { static thread_local const Registration registration; }

void begin_to_read(Machine& machine) noexcept {
  const tsan::Unseen books;
  ThreadState& me = this_thread_state;
  // Numbers are the machine's own: an answer to another one means nothing here.
  for (auto& answered : me.answered) answered.store(0, std::memory_order_relaxed);
  // Seq_cst: pairs with silent_readers(), which either finds this thread reading, or whose question is read below.
  me.reads_on.exchange(&machine, std::memory_order_seq_cst);
  for (const auto flavor : {kernel::RcuFlavor::regular, kernel::RcuFlavor::tasks_trace}) {
    me.answered[static_cast<unsigned>(flavor)].store(
        machine.grace_periods(flavor).question().load(std::memory_order_seq_cst), std::memory_order_release);
  }
}

Machine* stop_reading() noexcept {
  const tsan::Unseen books;
  ThreadState& me = this_thread_state;
  Machine* const machine = me.reads_on.load(std::memory_order_relaxed);
  if (machine == nullptr) return nullptr;
  for (const auto& depth : me.read_depth) {
    if (depth.load(std::memory_order_relaxed) != 0) return nullptr;
  }
  // Release: pairs with the load in silent_readers(); the sections before have ended.
  me.reads_on.store(nullptr, std::memory_order_release);
  return machine;
}

void answer_grace_periods(const Machine& machine) noexcept {
  ThreadState& me = this_thread_state;
  for (const auto flavor : {kernel::RcuFlavor::regular, kernel::RcuFlavor::tasks_trace}) {
    if (me.read_depth[static_cast<unsigned>(flavor)].load(std::memory_order_relaxed) == 0) answer(me, flavor, machine);
  }
}

Silent silent_readers(const Machine& machine, kernel::RcuFlavor flavor, std::uint64_t question) noexcept {
  const auto index = static_cast<unsigned>(flavor);
  const tsan::Unseen books;
  Silent silent = Silent::nobody;
  const std::scoped_lock held(all_readers().lock);
  for (const ThreadState* thread : all_readers().threads) {
    // Seq_cst: behind the question, see GracePeriods::ask(). Acquire: pairs with stop_reading().
    if (thread->reads_on.load(std::memory_order_seq_cst) != &machine) continue;
    // Acquire: pairs with the release in answer() and begin_to_read().
    if (thread->answered[index].load(std::memory_order_acquire) >= question) continue;
    if (thread->read_depth[index].load(std::memory_order_relaxed) != 0) return Silent::inside;
    silent = Silent::outside;
  }
  return silent;
}

void wait_for_older_readers(kernel::RcuFlavor flavor) {
  Backoff backoff("a read section to end");
  std::vector<Inside> older = readers_inside(flavor);
  while (!older.empty()) {
    backoff.pause();
    leave_out(older, readers_inside(flavor));
  }
}

void wait_until_readers_move(kernel::RcuFlavor flavor) {
  constexpr unsigned looks_max = 20;
  constexpr timespec between_looks{.tv_sec = 0, .tv_nsec = 50'000};
  for (unsigned look = 0; look < looks_max && !readers_move(flavor); ++look) nanosleep(&between_looks, nullptr);
}

}  // namespace rcufarm::native

namespace rcufarm::kernel {
inline namespace native {

namespace host = ::rcufarm::native;

ReadSection::ReadSection(RcuFlavor flavor) noexcept : flavor_(flavor) {
  host::Machine& machine = host::this_machine("ReadSection");
  // Relaxed: only this thread and its nmi write it.
  if (host::this_thread_state.reads_on.load(std::memory_order_relaxed) == nullptr) [[unlikely]]
    host::begin_to_read(machine);
  host::library_of(flavor).read_lock();
  host::add(host::this_thread_state.read_depth[static_cast<unsigned>(flavor)], 1);
  edge_.enter(machine.grace_periods(flavor).question());
}

ReadSection::~ReadSection() {
  host::Machine& machine = host::this_machine("ReadSection");
  edge_.leave(machine.rcu_edges(flavor_));
  host::library_of(flavor_).read_unlock();
  const auto index = static_cast<unsigned>(flavor_);
  host::ThreadState& me = host::this_thread_state;
  host::add(me.read_depth[index], ~0u);
  if (me.read_depth[index].load(std::memory_order_relaxed) != 0) return;
  host::add(me.sections_left[index], 1);
  host::answer(me, flavor_, machine);
}

}  // namespace native
}  // namespace rcufarm::kernel
