// A machine: CPUs, slab, RCU and workqueue of one run.
//
// Job: own the parts. Made afresh by each test or input and dropped at its end; nothing of it survives. Threads get
// onto it with a CpuOwner.
//
//   Machine machine({.cpus = 2});
//   { CpuOwner me(machine); ... }
//   machine.settle();
//   if (machine.reports().count() != 0 || !machine.slab().live().empty()) ...
#pragma once

#include <atomic>
#include <string>

#include "kernel/types.h"
#include "native/cpu_owner.h"
#include "native/grace_periods.h"
#include "native/nmi.h"
#include "native/rcu_driver.h"
#include "native/reports.h"
#include "native/slab.h"
#include "native/thread_pool.h"
#include "native/vcpu.h"
#include "native/workqueue.h"

namespace rcufarm::native {

struct MachineConfig {
  unsigned cpus = 2;
  bool rcu_trace_implies_rcu_gp = true;
  SlabConfig slab{};
  RcuPacing pacing{};
};

// What is wrong with the settings and what to do; empty if nothing is.
std::string problem_with(const MachineConfig& config);

class Machine {
 public:
  // Dies if problem_with(config) is not empty.
  explicit Machine(MachineConfig config = {});
  // Settles, and stops its threads. Dies if a thread is still on it. Memory that was not freed is given back too.
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  const MachineConfig& config() const noexcept { return config_; }
  Slab& slab() noexcept { return slab_; }
  Reports& reports() noexcept { return reports_; }
  RcuStats rcu(kernel::RcuFlavor flavor) const noexcept { return driver_[static_cast<unsigned>(flavor)].stats(); }
  // How often warn_on's condition was true.
  std::uint64_t warnings() const noexcept { return reports_.count(ReportKind::warning); }

  // Returns when all work that was queued before has ended.
  void flush_workqueue() { workqueue_.flush(); }
  // Returns when no callback and no work is queued or running, by barriers of our own, then looks through the
  // quarantine. A callback that queues itself for ever is given up on and reported (ReportKind::unsettled). Nobody else
  // may be using the machine.
  void settle();

  // --- for the native kernel's own parts ---
  Cpus& cpus() noexcept { return cpus_; }
  RcuDriver& rcu_driver(kernel::RcuFlavor flavor) noexcept { return driver_[static_cast<unsigned>(flavor)]; }
  const GracePeriods& grace_periods(kernel::RcuFlavor flavor) const noexcept {
    return grace_periods_[static_cast<unsigned>(flavor)];
  }
  tsan::GracePeriodEdges& rcu_edges(kernel::RcuFlavor flavor) noexcept {
    return grace_periods_[static_cast<unsigned>(flavor)].edges();
  }
  Workqueue& workqueue() noexcept { return workqueue_; }
  // Relaxed: counted for the check at the end alone.
  void thread_enters() noexcept { threads_.count.fetch_add(1, std::memory_order_relaxed); }
  void thread_leaves() noexcept { threads_.count.fetch_sub(1, std::memory_order_relaxed); }

 private:
  // Ends after the machine's own threads have, and before what threads stand on.
  struct Threads {
    ~Threads();
    std::atomic<int> count{0};
  };

  bool idle() const noexcept;
  bool is_quiet() const noexcept;
  std::uint64_t rounds() const noexcept;

  const MachineConfig config_;
  Reports reports_;
  mutable Cpus cpus_;
  Slab slab_;
  Threads threads_;
  GracePeriods grace_periods_[kernel::rcu_flavor_count];
  RcuDriver driver_[kernel::rcu_flavor_count];
  Workqueue workqueue_;
};

}  // namespace rcufarm::native
