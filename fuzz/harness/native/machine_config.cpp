#include "harness/native/machine_config.h"

#include <chrono>

#include "native/asan.h"

namespace rcufarm::harness {

namespace {

native::Rounding rounding_of(scenario::SlabRounding rounding) {
  switch (rounding) {
    case scenario::SlabRounding::exact: return native::Rounding::exact;
    case scenario::SlabRounding::kmalloc: return native::Rounding::kmalloc_buckets;
    case scenario::SlabRounding::sixteen_more: return native::Rounding::sixteen_more;
  }
  return native::Rounding::exact;
}

// Allocations after + 0, after + 1, … counted from 0: one character each.
std::string failing_bits(const scenario::SlabFailures& failures) {
  if (failures.bits == 0) return {};
  std::string bits(failures.after, '0');
  for (unsigned i = 0; i < scenario::limits.fail_bits; ++i) bits += (failures.bits >> i & 1) != 0 ? '1' : '0';
  return bits;
}

// A limit in objects counts objects of a middling size: the native slab counts bytes.
std::size_t cgroup_bytes(const scenario::CgroupLimit& limit) {
  constexpr std::size_t bytes_per_object = 128;
  switch (limit.unit) {
    case scenario::CgroupUnit::none: return 0;
    case scenario::CgroupUnit::objects: return limit.amount * bytes_per_object;
    case scenario::CgroupUnit::bytes: return std::size_t{limit.amount} * scenario::limits.cgroup_bytes_unit;
  }
  return 0;
}

}  // namespace

native::MachineConfig machine_config(const scenario::Scenario& scenario) {
  const scenario::Machine& wanted = scenario.machine;
  native::MachineConfig config;
  config.cpus = wanted.cpus;
  config.rcu_trace_implies_rcu_gp = wanted.implies_rcu_gp;
  config.slab.rounding = rounding_of(wanted.slab_rounding);
  config.slab.failures.bits = failing_bits(wanted.slab_failures);
  config.slab.cgroup = wanted.cgroup.unit != scenario::CgroupUnit::none;
  config.slab.cgroup_limit_bytes = cgroup_bytes(wanted.cgroup);
  // Runs take about a millisecond: callbacks have to come within that, or they all come at the end.
  config.pacing.lazy_delay = std::chrono::microseconds(300);
  config.pacing.hurry_delay = std::chrono::microseconds(50);
  // Freed memory has to stay readable for readers that are wrongly left behind, unless AddressSanitizer watches it.
  config.slab.quarantine = !native::asan::enabled;
  return config;
}

}  // namespace rcufarm::harness
