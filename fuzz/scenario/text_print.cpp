// Printing a scenario as text: see text.h.
#include <algorithm>

#include "scenario/blocks.h"
#include "scenario/check.h"
#include "scenario/operations.h"
#include "scenario/settings.h"
#include "scenario/text.h"

namespace rcufarm::scenario {
namespace {

std::string_view name_of(std::span<const std::string_view> names, unsigned value) {
  check(value < names.size(), "print: the scenario is not valid, a value has no name");
  return names[value];
}

// The pattern up to its last 1, the first allocation at the left.
std::string pattern_of(std::uint32_t bits) {
  std::string pattern;
  for (; bits != 0; bits >>= 1U) pattern += (bits & 1U) != 0 ? '1' : '0';
  return pattern;
}

void print_setting(std::string& out, const SettingSpec& spec, const Machine& machine) {
  switch (spec.id) {
    case Setting::slab_fails:
      if (machine.slab_failures.bits == 0) return;
      out += std::string(spec.name) + " after " + std::to_string(machine.slab_failures.after) + " pattern " +
             pattern_of(machine.slab_failures.bits) + "\n";
      return;
    case Setting::cgroup: {
      if (machine.cgroup.unit == CgroupUnit::none) return;
      const unsigned unit = machine.cgroup.unit == CgroupUnit::bytes ? limits.cgroup_bytes_unit : 1;
      out += std::string(spec.name) + " " + std::to_string(machine.cgroup.amount * unit) + " " +
             std::string(name_of(cgroup_unit_names(), static_cast<unsigned>(machine.cgroup.unit))) + "\n";
      return;
    }
    case Setting::cpus:
    case Setting::slots:
    case Setting::implies_rcu_gp:
    case Setting::slab_rounding:
    case Setting::slab_reuse:
    case Setting::destroy_mode: {
      const unsigned value = setting_value(machine, spec.id);
      out += std::string(spec.name) + " " +
             (spec.words.empty() ? std::to_string(value) : std::string(name_of(spec.words, value))) + "\n";
      return;
    }
  }
}

void print_cache(std::string& out, std::size_t number, const Cache& cache) {
  out += "cache " + std::to_string(number);
  switch (cache.kind) {
    case CacheKind::fixed: out += " size " + std::to_string(cache.size); break;
    case CacheKind::percpu: out += " percpu size " + std::to_string(cache.size); break;
    case CacheKind::classes: out += " classes"; break;
  }
  out += "\n";
}

std::string operand_text(Operand operand, const Operation& op, const Scenario& scenario) {
  const unsigned value = operand_value(op, operand);
  switch (operand) {
    case Operand::cache: return " c" + std::to_string(value);
    case Operand::slot: return " s" + std::to_string(value);
    case Operand::size:
      return scenario.caches[op.cache].kind == CacheKind::classes ? " size " + std::to_string(value) : "";
    case Operand::gfp: return " " + std::string(name_of(gfp_names(), value));
    case Operand::flavor: return " " + std::string(name_of(flavor_names(), value));
    case Operand::cpu: return " cpu " + std::to_string(value);
    case Operand::program: return " p" + std::to_string(value);
    case Operand::fail_count:
    case Operand::pause_count: return " " + std::to_string(value);
  }
  check(false, "print: no such operand");
  return {};
}

// What closes a block stands as far left as what opened it.
void print_ops(std::string& out, const std::vector<Operation>& ops, const Scenario& scenario) {
  Blocks blocks;
  for (const Operation& op : ops) {
    const std::size_t before = blocks.depth();
    blocks.step(op);
    out.append(2 * (std::min(before, blocks.depth()) + 1), ' ');
    out += print(op, scenario);
    out += "\n";
  }
}

}  // namespace

std::string print(const Operation& op, const Scenario& scenario) {
  const OpSpec& spec = spec_of(op.kind);
  std::string line(spec.name);
  for (const Operand operand : spec.used()) line += operand_text(operand, op, scenario);
  return line;
}

std::string print(const Scenario& scenario) {
  std::string out = std::string(text_magic) + " " + std::string(text_version) + "\n";
  for (const SettingSpec& spec : setting_specs()) print_setting(out, spec, scenario.machine);
  for (std::size_t i = 0; i < scenario.caches.size(); ++i) print_cache(out, i, scenario.caches[i]);
  for (std::size_t i = 0; i < scenario.tasks.size(); ++i) {
    out += "task " + std::to_string(i) + " on cpu " + std::to_string(scenario.tasks[i].cpu) + "\n";
    print_ops(out, scenario.tasks[i].ops, scenario);
  }
  for (std::size_t i = 0; i < scenario.programs.size(); ++i) {
    const Program& program = scenario.programs[i];
    out += "program " + std::to_string(i) + " " +
           std::string(name_of(program_kind_names(), static_cast<unsigned>(program.kind))) + " on cpu " +
           std::to_string(program.cpu) + "\n";
    print_ops(out, program.ops, scenario);
  }
  return out;
}

}  // namespace rcufarm::scenario
