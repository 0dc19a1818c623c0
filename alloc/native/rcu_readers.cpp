// Read sections.
//
// Job: registration of threads, and entering and leaving sections. Any context.
#include "native/machine.h"
#include "native/port/rcu.h"
#include "native/rcu_library.h"
#include "native/thread_state.h"

namespace rcufarm::native {
namespace {

struct Registration {
  Registration() {
    rcu_memb.register_thread();
    rcu_bp.register_thread();
  }
  ~Registration() {
    rcu_bp.unregister_thread();
    rcu_memb.unregister_thread();
  }
};

std::atomic<unsigned>& depth_of(kernel::RcuFlavor flavor) {
  return this_thread_state.read_depth[static_cast<unsigned>(flavor)];
}

// Relaxed, and no read-modify-write: an nmi in between leaves the depth as it found it.
void add_depth(kernel::RcuFlavor flavor, unsigned n) {
  std::atomic<unsigned>& depth = depth_of(flavor);
  depth.store(depth.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}

}  // namespace

void register_rcu_reader() { static thread_local const Registration registration; }

}  // namespace rcufarm::native

namespace rcufarm::kernel {
inline namespace native {

namespace host = ::rcufarm::native;

ReadSection::ReadSection(RcuFlavor flavor) noexcept : flavor_(flavor) {
  host::Machine& machine = host::this_machine("ReadSection");
  host::library_of(flavor).read_lock();
  host::add_depth(flavor, 1);
  edge_.enter(machine.rcu_edges(flavor));
}

ReadSection::~ReadSection() {
  edge_.leave(host::this_machine("ReadSection").rcu_edges(flavor_));
  host::add_depth(flavor_, ~0u);
  host::library_of(flavor_).read_unlock();
}

}  // namespace native
}  // namespace rcufarm::kernel
