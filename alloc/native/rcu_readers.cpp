// Read sections.
//
// Job: registration of threads, and entering and leaving sections. Any context.
#include <time.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "native/backoff.h"
#include "native/machine.h"
#include "native/port/rcu.h"
#include "native/rcu_library.h"
#include "native/thread_state.h"

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
  host::library_of(flavor).read_lock();
  host::add(host::this_thread_state.read_depth[static_cast<unsigned>(flavor)], 1);
  edge_.enter(machine.rcu_edges(flavor));
}

ReadSection::~ReadSection() {
  edge_.leave(host::this_machine("ReadSection").rcu_edges(flavor_));
  host::library_of(flavor_).read_unlock();
  const auto index = static_cast<unsigned>(flavor_);
  std::atomic<unsigned>& depth = host::this_thread_state.read_depth[index];
  host::add(depth, ~0u);
  if (depth.load(std::memory_order_relaxed) == 0) host::add(host::this_thread_state.sections_left[index], 1);
}

}  // namespace native
}  // namespace rcufarm::kernel
