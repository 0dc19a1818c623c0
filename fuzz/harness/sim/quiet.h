// What a quiet user does: when the tasks and their nested programs have ended.
//
// Job: which objects to try, and waiting until nothing is under way. For settle.cpp and inspect.cpp. Main context.
#pragma once

#include <array>
#include <cstdint>

#include "harness/sim/sim_user.h"
#include "machine/machine.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

// Of one size-class cache; where a scenario uses more, what depends on all of them is not asked.
inline constexpr unsigned probed_sizes_max = 4;

struct Probe {
  unsigned cache;
  std::uint16_t size;  // 0: the cache has one size
};

struct Probes {
  std::array<Probe, probed_sizes_max * scenario::limits.caches_max> list{};
  unsigned count = 0;
  unsigned of_this_cache = 0;
  bool complete = true;  // no size was left out

  void add(unsigned cache, std::uint16_t size);
  const Probe* begin() const { return list.data(); }
  const Probe* end() const { return list.data() + count; }
};

// One of each size of each open cache that the scenario uses.
Probes probes_for(const scenario::Scenario& scenario, const SimUser& user);

// On each CPU, for each of them: allocates and frees an object, and another one by free_rcu. Ends on CPU 0.
void probe_everywhere(const scenario::Scenario& scenario, SimUser& user, sim::Machine& machine, const Probes& probes);

// Goes through all CPUs, so that each has served its irq_work. Ends on CPU 0.
void serve_irq_work(const scenario::Scenario& scenario, sim::Machine& machine);

// All callbacks that are queued, and those that they queue, have ended.
void wait_for_both_flavors();

}  // namespace rcufarm::harness
