#include "harness/sim/sim_settings.h"

#include <algorithm>
#include <vector>

namespace rcufarm::harness {

namespace {

sim::SlabRounding rounding_of(scenario::SlabRounding rounding) {
  switch (rounding) {
    case scenario::SlabRounding::exact: return sim::SlabRounding::exact;
    case scenario::SlabRounding::kmalloc: return sim::SlabRounding::kmalloc;
    case scenario::SlabRounding::sixteen_more: return sim::SlabRounding::sixteen_more;
  }
  return sim::SlabRounding::exact;
}

void set_cgroup(sim::Settings& settings, const scenario::CgroupLimit& limit) {
  settings.has_objcg = limit.unit != scenario::CgroupUnit::none;
  switch (limit.unit) {
    case scenario::CgroupUnit::none: break;
    case scenario::CgroupUnit::objects: settings.objcg_objects_max = limit.amount; break;
    case scenario::CgroupUnit::bytes:
      settings.objcg_bytes_max = std::uint64_t{limit.amount} * scenario::limits.cgroup_bytes_unit;
      break;
  }
}

bool fails_next(const std::vector<scenario::Operation>& ops) {
  return std::any_of(ops.begin(), ops.end(),
                     [](const scenario::Operation& op) { return op.kind == scenario::OpKind::fail_next; });
}

}  // namespace

bool has_slab_failures(const scenario::Scenario& scenario) {
  return scenario.machine.slab_failures.bits != 0 ||
         std::any_of(scenario.tasks.begin(), scenario.tasks.end(),
                     [](const scenario::Task& task) { return fails_next(task.ops); });
}

sim::Settings sim_settings(const scenario::Scenario& scenario, const SimConfig& config) {
  const scenario::Machine& wanted = scenario.machine;
  sim::Settings settings;
  settings.cpus = wanted.cpus;
  settings.trace_implies_rcu_gp = wanted.implies_rcu_gp;
  settings.slab_rounding = rounding_of(wanted.slab_rounding);
  settings.slab_reuse = wanted.slab_reuse == scenario::SlabReuse::lifo ? sim::SlabReuse::lifo : sim::SlabReuse::never;
  settings.failures_max = config.failures_max;
  settings.points_max = config.points_max;
  settings.check_order = config.check_order;
  settings.model = config.model;
  set_cgroup(settings, wanted.cgroup);
  return settings;
}

}  // namespace rcufarm::harness
