#include "native/legality.h"

#include "native/machine.h"
#include "native/thread_state.h"

namespace rcufarm::native {
namespace {

// The columns of the table that a row forbids.
enum Place : unsigned {
  task_irq_off = 1u << 0,
  irq = 1u << 1,
  nmi = 1u << 2,
  rcu_callback = 1u << 3,
  workqueue = 1u << 4,
  regular_section = 1u << 5,
  any_section = 1u << 6,
};

constexpr unsigned may_not_sleep = task_irq_off | irq | nmi | rcu_callback;

constexpr unsigned forbidden(Operation operation) noexcept {
  switch (operation) {
    case Operation::irq_work_sync: return task_irq_off | irq | nmi | regular_section;
    case Operation::raw_spin_lock: return nmi;
    case Operation::call_rcu: return nmi;
    case Operation::rcu_request_urgent_qs: return nmi;
    case Operation::synchronize_rcu: return may_not_sleep | any_section;
    case Operation::rcu_barrier: return may_not_sleep | any_section;
    case Operation::allocate_nowait: return nmi;
    case Operation::allocate_may_sleep: return may_not_sleep | regular_section;
    case Operation::free: return nmi;
    case Operation::get_obj_cgroup: return irq | nmi | rcu_callback | workqueue;
    case Operation::put_obj_cgroup: return nmi;
    case Operation::queue_work: return nmi;
  }
  return ~0u;
}

unsigned place_of(Running running, bool irq_off) noexcept {
  switch (running) {
    case Running::task:
    case Running::off_cpu: return irq_off ? task_irq_off : 0u;
    case Running::irq: return irq;
    case Running::nmi: return nmi;
    // Without a CPU there are no interrupts, but who turned them off may not sleep.
    case Running::rcu_callback: return rcu_callback | (irq_off ? task_irq_off : 0u);
    case Running::workqueue: return workqueue | (irq_off ? task_irq_off : 0u);
  }
  return ~0u;
}

unsigned sections() noexcept {
  const auto depth = [](kernel::RcuFlavor flavor) {
    return this_thread_state.read_depth[static_cast<unsigned>(flavor)].load(std::memory_order_relaxed);
  };
  unsigned places = 0;
  if (depth(kernel::RcuFlavor::regular) != 0) places |= regular_section | any_section;
  if (depth(kernel::RcuFlavor::tasks_trace) != 0) places |= any_section;
  return places;
}

const char* in_words(unsigned place) noexcept {
  if ((place & nmi) != 0) return "in nmi context";
  if ((place & irq) != 0) return "in irq context";
  if ((place & rcu_callback) != 0) return "in an RCU callback";
  if ((place & workqueue) != 0) return "in a workqueue function";
  if ((place & task_irq_off) != 0) return "with interrupts off";
  return "in a read section";
}

}  // namespace

bool legal(Operation operation, const char* name) noexcept {
  Machine& machine = this_machine(name);
  const ExecContext& context = *this_context;
  const unsigned here =
      place_of(context.running.load(std::memory_order_relaxed), context.irq_off.load(std::memory_order_relaxed)) |
      sections();
  const unsigned wrong = here & forbidden(operation);
  if (wrong == 0) [[likely]]
    return true;
  machine.reports().add(ReportKind::illegal_context, Text() << name << " " << in_words(wrong));
  return false;
}

}  // namespace rcufarm::native
