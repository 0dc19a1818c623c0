// Mutations of everything but operation lists: see mutate_machine.h.
#include "scenario/mutate_machine.h"

#include "scenario/check.h"
#include "scenario/generate.h"
#include "scenario/settings.h"

namespace rcufarm::scenario {
namespace {

// A value of the range other than the one it has, if there are two.
unsigned another(Random& random, unsigned min, unsigned max, unsigned old) {
  if (max <= min) return min;
  const unsigned value = random.between(min, max - 1);
  return value >= old ? value + 1 : value;
}

void change_slab_failures(SlabFailures& failures, Random& random) {
  switch (random.between(0, 3)) {
    case 0: failures = {}; return;
    case 1:  // one allocation more, or less
      failures.bits ^= std::uint32_t{1} << random.below(limits.fail_bits);
      return;
    case 2:  // all from some place on
      failures.bits |= ~std::uint32_t{0} << random.below(limits.fail_bits);
      return;
    case 3:
      if (failures.bits == 0) failures.bits = 1;
      failures.after = static_cast<std::uint16_t>(random.below(std::uint64_t{1} << random.between(1, 10)));
      return;
    default: check(false, "change_slab_failures: no such change");
  }
}

void change_cgroup(CgroupLimit& cgroup, Random& random) {
  cgroup.unit = static_cast<CgroupUnit>(random.below(cgroup_unit_names().size()));
  cgroup.amount = static_cast<std::uint16_t>(random.below(std::uint64_t{1} << random.between(1, 10)));
}

}  // namespace

bool copy_task(Scenario& scenario, Random& random) {
  const std::size_t from = random.below(scenario.tasks.size());
  if (scenario.tasks.full() || (scenario.tasks.size() > 1 && random.one_in(4))) {
    const std::size_t to = random.below(scenario.tasks.size());
    if (to == from) return false;
    scenario.tasks[to] = scenario.tasks[from];
    return true;
  }
  Task& to = scenario.tasks.add();
  to = scenario.tasks[from];
  to.cpu = static_cast<std::uint8_t>(random.below(scenario.machine.cpus));
  return true;
}

bool change_tasks(Scenario& scenario, Random& random) {
  if (random.one_in(2) && !scenario.tasks.full()) {
    Task& task = scenario.tasks.add();
    task.cpu = static_cast<std::uint8_t>(random.below(scenario.machine.cpus));
    task.ops = random_phase(random, scenario);
    return true;
  }
  if (scenario.tasks.size() == 1) return false;
  scenario.tasks.erase(random.below(scenario.tasks.size()));
  return true;
}

bool change_placement(Scenario& scenario, Random& random) {
  const std::size_t tasks = scenario.tasks.size();
  const std::size_t i = random.below(tasks + scenario.programs.size());
  const unsigned last_cpu = scenario.machine.cpus - 1U;
  if (i >= tasks && random.one_in(2)) {
    Program& program = scenario.programs[i - tasks];
    program.kind = program.kind == ProgramKind::irq ? ProgramKind::nmi : ProgramKind::irq;
    return true;
  }
  if (last_cpu == 0) return false;
  std::uint8_t& cpu = i < tasks ? scenario.tasks[i].cpu : scenario.programs[i - tasks].cpu;
  cpu = static_cast<std::uint8_t>(another(random, 0, last_cpu, cpu));
  return true;
}

bool change_programs(Scenario& scenario, Random& random) {
  if (!scenario.programs.empty() && random.one_in(3)) {
    scenario.programs.erase(random.below(scenario.programs.size()));
    return true;
  }
  if (scenario.programs.full()) return false;
  scenario.programs.add() = random_program(random, scenario);
  // Something raises it: a program that never runs is no change.
  Operation raise;
  raise.kind = OpKind::raise;
  raise.argument = static_cast<std::uint8_t>(scenario.programs.size() - 1);
  std::vector<Operation>& ops = scenario.tasks[random.below(scenario.tasks.size())].ops;
  ops.insert(ops.begin() + static_cast<std::ptrdiff_t>(random.below(ops.size() + 1)), raise);
  return true;
}

bool change_caches(Scenario& scenario, Random& random) {
  if (random.one_in(4) && !scenario.caches.full()) {
    scenario.caches.add() = random_cache(random);
    return true;
  }
  if (random.one_in(8) && scenario.caches.size() > 1) {
    scenario.caches.erase(random.below(scenario.caches.size()));
    return true;
  }
  Cache& cache = scenario.caches[random.below(scenario.caches.size())];
  const Cache old = cache;
  while (cache == old) cache = random_cache(random);
  return true;
}

bool change_setting(Scenario& scenario, Random& random) {
  const SettingSpec& spec = setting_specs()[random.below(setting_specs().size())];
  Machine& machine = scenario.machine;
  switch (spec.id) {
    case Setting::slab_fails: change_slab_failures(machine.slab_failures, random); return true;
    case Setting::cgroup: change_cgroup(machine.cgroup, random); return true;
    case Setting::cpus:
    case Setting::slots:
    case Setting::implies_rcu_gp:
    case Setting::slab_rounding:
    case Setting::slab_reuse:
    case Setting::destroy_mode:
      set_setting(machine, spec.id, another(random, spec.range.min, spec.range.max, setting_value(machine, spec.id)));
      return true;
  }
  check(false, "change_setting: no such setting");
  return false;
}

}  // namespace rcufarm::scenario
