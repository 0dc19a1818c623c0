// normalize: see normalize.h.
#include "scenario/normalize.h"

#include <algorithm>
#include <array>

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

// What the operations of one scenario may be, with its ranges looked up once. Nearly all operations that anybody normalizes are
// valid already: a search normalizes each scenario that it draws.
class ValidOperations {
 public:
  explicit ValidOperations(const Scenario& scenario) {
    std::array<Range, operand_count> ranges;
    for (std::size_t i = 0; i < operand_count; ++i) ranges[i] = range_of(static_cast<Operand>(i), scenario);
    for (const OpSpec& spec : op_specs()) {
      Bounds& bounds = bounds_[static_cast<std::size_t>(spec.kind)];
      for (const Operand operand : spec.used()) {
        const Range range = ranges[static_cast<std::size_t>(operand)];
        if (range.max < range.min) bounds.exists = false;
        switch (operand) {
          case Operand::cache: bounds.cache_max = range.max; break;
          case Operand::slot: bounds.slot_max = range.max; break;
          case Operand::size: bounds.size_max = range.max; break;
          default: bounds.argument = range; break;
        }
      }
      bounds.is_nested = spec.nested;
    }
    for (std::size_t i = 0; i < scenario.caches.size(); ++i) {
      if (scenario.caches[i].kind == CacheKind::classes) takes_size_[i] = limits.alloc_bytes_max;
    }
  }

  bool contain(const Operation& op, bool nested) const {
    if (static_cast<std::size_t>(op.kind) >= op_kind_count) return false;
    const Bounds& b = bounds_[static_cast<std::size_t>(op.kind)];
    if (!b.exists || op.cache > b.cache_max || op.slot > b.slot_max || (nested && !b.is_nested)) return false;
    return op.argument >= b.argument.min && op.argument <= b.argument.max &&
           op.size <= std::min(b.size_max, takes_size_[op.cache]);
  }

 private:
  // An operand that the operation does not use is 0.
  struct Bounds {
    bool exists = true;
    bool is_nested = false;
    unsigned cache_max = 0;
    unsigned slot_max = 0;
    unsigned size_max = 0;
    Range argument = {0, 0};
  };
  std::array<Bounds, op_kind_count> bounds_{};
  std::array<unsigned, limits.caches_max> takes_size_{};
};

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
  const ValidOperations valid(scenario);
  for (Task& task : scenario.tasks) {
    task.cpu = static_cast<std::uint8_t>(fold(task.cpu, 0, last_cpu));
    for (Operation& op : task.ops) {
      if (!valid.contain(op, false)) normalize_op(op, scenario, false);
    }
  }
  for (Program& program : scenario.programs) {
    program.kind = fold_enum(program.kind, program_kind_names().size());
    program.cpu = static_cast<std::uint8_t>(fold(program.cpu, 0, last_cpu));
    if (program.ops.size() > limits.nested_ops_max) program.ops.resize(limits.nested_ops_max);
    for (Operation& op : program.ops) {
      if (!valid.contain(op, true)) normalize_op(op, scenario, true);
    }
  }
  trim(scenario, limits.ops_max);
}

bool is_valid(const Scenario& scenario) {
  Scenario copy = scenario;
  normalize(copy);
  return copy == scenario;
}

}  // namespace rcufarm::scenario
