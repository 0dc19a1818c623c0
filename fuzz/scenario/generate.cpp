// Random scenarios: see generate.h.
#include "scenario/generate.h"

#include <algorithm>

#include "scenario/check.h"
#include "scenario/normalize.h"
#include "scenario/settings.h"

namespace rcufarm::scenario {
namespace {

constexpr unsigned ops_least = 32;            // of a scenario, if its limits allow
constexpr unsigned ops_doublings = 5;         // 32, 64, … 1024: small and large ones alike
constexpr std::size_t phase_ops_likely = 32;  // at most, behind the last that fits
constexpr unsigned large_unit_bytes = 1000;   // watermarks are low from here on, so that few objects pass them

void random_machine(Random& random, Machine& machine, const Limits& tighter, const Least& least) {
  for (const SettingSpec& spec : setting_specs()) {
    if (spec.form.empty()) set_setting(machine, spec.id, random.between(spec.range.min, spec.range.max));
  }
  machine.cpus = static_cast<std::uint8_t>(random.between(std::min(least.cpus, tighter.cpus_max), tighter.cpus_max));
  machine.slots = static_cast<std::uint8_t>(random.between(1, tighter.slots_max));
  // Most runs have memory enough: an allocator that gets none does little.
  if (random.one_in(8)) {
    machine.slab_failures.after = static_cast<std::uint16_t>(random.below(256));
    machine.slab_failures.bits = static_cast<std::uint32_t>(random.next() & random.next());
  }
  if (random.one_in(8)) {
    machine.cgroup.unit = random.one_in(2) ? CgroupUnit::objects : CgroupUnit::bytes;
    machine.cgroup.amount = static_cast<std::uint16_t>(random.between(8, 512));
  }
}

void check_tighter(const Limits& tighter) {
  check(tighter.cpus_max >= 1 && tighter.cpus_max <= limits.cpus_max, "random_scenario: cpus_max");
  check(tighter.tasks_max >= 1 && tighter.tasks_max <= limits.tasks_max, "random_scenario: tasks_max");
  check(tighter.caches_max >= 1 && tighter.caches_max <= limits.caches_max, "random_scenario: caches_max");
  check(tighter.slots_max >= 1 && tighter.slots_max <= limits.slots_max, "random_scenario: slots_max");
  check(tighter.nested_programs_max <= limits.nested_programs_max, "random_scenario: nested_programs_max");
  check(tighter.ops_max <= limits.ops_max, "random_scenario: ops_max");
}

// Now and then a task destroys a cache while the others go on.
void random_task(Random& random, const Scenario& scenario, Task& task, std::size_t ops) {
  const bool destroys = random.one_in(4);
  const std::size_t destroy_after = ops / 2 + random.below(ops / 2 + 1);
  bool destroyed = false;
  task.ops.reserve(ops + phase_ops_likely);
  while (task.ops.size() < ops) {
    append_phase(random, scenario, task.ops);
    if (random.one_in(8)) task.ops.push_back(random_op(random, scenario, false));
    if (!destroys || destroyed || task.ops.size() < destroy_after) continue;
    Operation destroy;
    destroy.kind = OpKind::destroy;
    destroy.cache = static_cast<std::uint8_t>(random_operand(random, Operand::cache, scenario));
    task.ops.push_back(destroy);
    destroyed = true;
  }
}

}  // namespace

Cache random_cache(Random& random) {
  Cache cache;
  const unsigned kind = random.between(0, 7);
  if (kind < 2) {
    cache.kind = CacheKind::classes;
    return cache;
  }
  cache.kind = kind == 2 ? CacheKind::percpu : CacheKind::fixed;
  const bool large = random.one_in(2);
  do {
    cache.size = good_unit_sizes()[random.below(good_unit_sizes().size())];
  } while (large && cache.size < large_unit_bytes);
  return cache;
}

Program random_program(Random& random, const Scenario& scenario) {
  Program program;
  program.kind = random.one_in(2) ? ProgramKind::irq : ProgramKind::nmi;
  program.cpu = static_cast<std::uint8_t>(random.below(scenario.machine.cpus));
  for (unsigned n = random.between(1, limits.nested_ops_max / 2); n > 0; --n) {
    program.ops.push_back(random_op(random, scenario, true));
  }
  return program;
}

Scenario random_scenario(std::uint64_t seed, const Limits& tighter, const Least& least) {
  check_tighter(tighter);
  Random random(seed);
  Scenario scenario;
  random_machine(random, scenario.machine, tighter, least);
  for (unsigned n = random.between(1, tighter.caches_max); n > 0; --n) scenario.caches.add() = random_cache(random);
  const unsigned programs_max = tighter.nested_programs_max;
  for (unsigned n = random.between(std::min(least.programs, programs_max), programs_max); n > 0; --n) {
    scenario.programs.add() = random_program(random, scenario);
  }
  scenario.tasks.resize(random.between(std::min(least.tasks, tighter.tasks_max), tighter.tasks_max));
  const std::size_t ops =
      std::min<std::size_t>(tighter.ops_max, std::size_t{ops_least} << random.below(ops_doublings + 1));
  for (Task& task : scenario.tasks) {
    task.cpu = static_cast<std::uint8_t>(random.below(scenario.machine.cpus));
    random_task(random, scenario, task, ops / scenario.tasks.size());
  }
  // Each operation was drawn in its ranges: normalize() would change nothing.
  trim(scenario, tighter.ops_max);
  return scenario;
}

}  // namespace rcufarm::scenario
