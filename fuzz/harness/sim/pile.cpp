#include "harness/sim/pile.h"

#include "harness/sim/quiet.h"
#include "kernel/kernel.h"

namespace rcufarm::harness {

namespace {

// Of smaller objects it takes so many that a run would be all of this.
constexpr std::size_t object_bytes_min = 1000;
// Allocations behind the last that counts: a refill brings fewer, so irq_work has looked by then.
constexpr unsigned looked_after = 32;

void pile_up_in(unsigned cache, std::size_t object_bytes, SimUser& user, std::size_t unhurried_bytes) {
  user.report_pile_begins(cache);
  std::size_t waiting = 0;
  {
    const kernel::ReadSection reader(kernel::RcuFlavor::regular);
    // This one begins the grace period, which now cannot end.
    if (!user.defer(cache)) return;
    for (; waiting < unhurried_bytes; waiting += object_bytes) {
      if (!user.defer(cache)) return;
    }
    for (unsigned i = 0; i < looked_after; ++i) {
      if (!user.defer(cache)) return;
    }
  }
  user.report_piled(cache, waiting, unhurried_bytes);
}

}  // namespace

void pile_up(const scenario::Scenario& scenario, SimUser& user, sim::Machine& machine, std::size_t unhurried_bytes) {
  if (unhurried_bytes == 0) return;
  for (unsigned i = 0; i < scenario.caches.size(); ++i) {
    const scenario::Cache& cache = scenario.caches[i];
    if (!user.is_open(i) || cache.kind != scenario::CacheKind::fixed || cache.size < object_bytes_min) continue;
    machine.migrate(0);
    // What is in flight now would end in the midst of it, and take with it what was counted.
    wait_for_both_flavors();
    return pile_up_in(i, cache.size, user, unhurried_bytes);
  }
}

}  // namespace rcufarm::harness
