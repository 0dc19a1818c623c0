// normalize: see normalize.h.
#include "scenario/normalize.h"

#include "scenario/operations.h"
#include "scenario/settings.h"

namespace rcufarm::scenario {
namespace {

template <class E>
E fold_enum(E value, std::size_t names) {
  return static_cast<E>(fold(static_cast<unsigned>(value), 0, static_cast<unsigned>(names) - 1));
}

void normalize_machine(Machine& machine) {
  for (const SettingSpec& spec : setting_specs()) {
    if (!spec.form.empty()) continue;
    set_setting(machine, spec.id, fold(setting_value(machine, spec.id), spec.range.min, spec.range.max));
  }
  if (machine.slab_failures.bits == 0) machine.slab_failures = {};
  machine.cgroup.unit = fold_enum(machine.cgroup.unit, cgroup_unit_names().size());
  if (machine.cgroup.unit == CgroupUnit::none) machine.cgroup = {};
}

void normalize_cache(Cache& cache) {
  cache.kind = fold_enum(cache.kind, cache_kind_names().size());
  cache.size = cache.kind == CacheKind::classes ? std::uint16_t{0} : fold_unit_size(cache.size);
}

void normalize_kind(Operation& op, const Scenario& scenario, bool nested) {
  if (static_cast<std::size_t>(op.kind) >= op_kind_count) op.kind = op_from_number(static_cast<unsigned>(op.kind));
  if (nested && !spec_of(op.kind).nested) {
    const auto kinds = nested_op_kinds();
    op.kind = kinds[static_cast<std::size_t>(op.kind) % kinds.size()];
  }
  // There is nothing to raise.
  if (op.kind == OpKind::raise && scenario.programs.empty()) op.kind = OpKind::yield;
}

void normalize_op(Operation& op, const Scenario& scenario, bool nested) {
  normalize_kind(op, scenario, nested);
  Operation clean;
  clean.kind = op.kind;
  for (const Operand operand : spec_of(op.kind).used()) {
    const unsigned value = operand_value(op, operand);
    if (operand == Operand::size) {  // stands after `cache`, which is folded by now
      if (scenario.caches[clean.cache].kind == CacheKind::classes) clean.size = fold_alloc_size(value);
      continue;
    }
    const Range range = range_of(operand, scenario);
    set_operand(clean, operand, fold(value, range.min, range.max));
  }
  op = clean;
}

std::vector<Operation>& longest_list(Scenario& scenario) {
  std::vector<Operation>* longest = &scenario.tasks[0].ops;
  for (Task& task : scenario.tasks) {
    if (task.ops.size() > longest->size()) longest = &task.ops;
  }
  for (Program& program : scenario.programs) {
    if (program.ops.size() > longest->size()) longest = &program.ops;
  }
  return *longest;
}

}  // namespace

unsigned fold(unsigned value, unsigned min, unsigned max) {
  return value >= min && value <= max ? value : min + value % (max - min + 1);
}

std::uint16_t fold_unit_size(unsigned size) {
  if (size >= 1 && size <= limits.unit_bytes_max) return static_cast<std::uint16_t>(size);
  return good_unit_sizes()[size % good_unit_sizes().size()];
}

std::uint16_t fold_alloc_size(unsigned size) {
  if (size <= limits.alloc_bytes_max) return static_cast<std::uint16_t>(size);
  return good_alloc_sizes()[size % good_alloc_sizes().size()];
}

void trim(Scenario& scenario, std::size_t ops_max) {
  for (std::size_t total = total_ops(scenario); total > ops_max; --total) longest_list(scenario).pop_back();
}

void normalize(Scenario& scenario) {
  normalize_machine(scenario.machine);
  if (scenario.caches.empty()) scenario.caches.add();
  if (scenario.tasks.empty()) scenario.tasks.add();
  for (Cache& cache : scenario.caches) normalize_cache(cache);
  const unsigned last_cpu = scenario.machine.cpus - 1U;
  for (Task& task : scenario.tasks) {
    task.cpu = static_cast<std::uint8_t>(fold(task.cpu, 0, last_cpu));
    for (Operation& op : task.ops) normalize_op(op, scenario, false);
  }
  for (Program& program : scenario.programs) {
    program.kind = fold_enum(program.kind, program_kind_names().size());
    program.cpu = static_cast<std::uint8_t>(fold(program.cpu, 0, last_cpu));
    if (program.ops.size() > limits.nested_ops_max) program.ops.resize(limits.nested_ops_max);
    for (Operation& op : program.ops) normalize_op(op, scenario, true);
  }
  trim(scenario, limits.ops_max);
}

bool is_valid(const Scenario& scenario) {
  Scenario copy = scenario;
  normalize(copy);
  return copy == scenario;
}

}  // namespace rcufarm::scenario
