#include "native/machine.h"

#include <algorithm>

#include "native/die.h"
#include "native/limits.h"

namespace rcufarm::native {

using kernel::RcuFlavor;

namespace {

MachineConfig checked(MachineConfig config) {
  if (const std::string problem = problem_with(config); !problem.empty()) die(problem.c_str());
  return config;
}

// Readers may take about as long to answer as a hurried callback may have to wait for its grace period to begin.
std::chrono::microseconds patience_of(const RcuPacing& pacing) noexcept {
  return std::min<std::chrono::microseconds>(pacing.hurry_delay, limits::patience_max);
}

}  // namespace

std::string problem_with(const MachineConfig& config) {
  if (config.cpus == 0 || config.cpus > limits::cpus_max) {
    return "a machine has 1 to " + std::to_string(limits::cpus_max) + " CPUs, not " + std::to_string(config.cpus);
  }
  if (config.pacing.lazy_delay.count() < 0 || config.pacing.hurry_delay.count() < 0) {
    return "the delays of grace periods are 0 or more";
  }
  return problem_with(config.slab);
}

Machine::Machine(MachineConfig config)
    : config_(checked(std::move(config))),
      cpus_(*this, config_.cpus),
      slab_(config_.slab, config_.cpus, reports_),
      grace_periods_{
          GracePeriods(*this, RcuFlavor::regular, patience_of(config_.pacing), config_.pacing.asks_readers),
          GracePeriods(*this, RcuFlavor::tasks_trace, patience_of(config_.pacing), config_.pacing.asks_readers)},
      driver_{RcuDriver(*this, RcuFlavor::regular, grace_periods_[0], nullptr, config_.pacing),
              RcuDriver(*this, RcuFlavor::tasks_trace, grace_periods_[1],
                        config_.rcu_trace_implies_rcu_gp ? &grace_periods_[0] : nullptr, config_.pacing)},
      workqueue_(*this) {}

Machine::~Machine() { settle(); }

Machine::Threads::~Threads() {
  if (count.load(std::memory_order_relaxed) != 0) die("a machine ends while a thread is on it");
}

bool Machine::idle() const noexcept { return workqueue_.idle() && driver_[0].idle() && driver_[1].idle(); }

std::uint64_t Machine::rounds() const noexcept {
  return workqueue_.rounds() + driver_[0].rounds() + driver_[1].rounds();
}

// One after the other they were idle twice, and none began a round meanwhile. Once would not do: the last one to be
// looked at may have queued something for the first one just before it ended.
bool Machine::is_quiet() const noexcept {
  workqueue_.finish_round();
  for (const RcuDriver& driver : driver_) driver.finish_round();
  const std::uint64_t before = rounds();
  return idle() && idle() && rounds() == before;
}

void Machine::settle() {
  for (unsigned round = 0; round < limits::settle_rounds_max; ++round) {
    workqueue_.flush();
    for (RcuDriver& driver : driver_) driver.barrier();
    if (!is_quiet()) continue;
    slab_.check_quarantine();
    return;
  }
  reports_.add(ReportKind::unsettled, Text() << "callbacks or work are still queued after " << limits::settle_rounds_max
                                             << " rounds of barriers");
}

}  // namespace rcufarm::native
