#include "harness/sim/small_programs.h"

#include <algorithm>
#include <array>
#include <functional>

namespace rcufarm::harness {

namespace {

using scenario::Operation;
using scenario::OpKind;
using scenario::ProgramKind;

// Large objects: their lists are short, so that few operations come to refill and trim them.
constexpr std::uint16_t object_bytes = 2048;
constexpr unsigned slots = 2;

constexpr Operation of_slot(OpKind kind, unsigned slot) {
  Operation op;
  op.kind = kind;
  op.slot = static_cast<std::uint8_t>(slot);
  return op;
}

constexpr Operation with_argument(OpKind kind, unsigned argument) {
  Operation op;
  op.kind = kind;
  op.argument = static_cast<std::uint8_t>(argument);
  return op;
}

std::vector<Operation> those_of(const scenario::Language& language, std::vector<Operation> all) {
  std::erase_if(all, [&](const Operation& op) { return !language.operations.has(op.kind); });
  return all;
}

std::vector<Operation> nested_operations() {
  std::vector<Operation> all;
  for (const OpKind kind : {OpKind::alloc, OpKind::free, OpKind::free_rcu}) {
    for (unsigned slot = 0; slot < slots; ++slot) all.push_back(of_slot(kind, slot));
  }
  return all;
}

std::vector<Operation> task_operations(bool with_program) {
  std::vector<Operation> all = nested_operations();
  for (unsigned slot = 0; slot < slots; ++slot) all.push_back(of_slot(OpKind::touch, slot));
  for (unsigned flavor = 0; flavor < 2; ++flavor) all.push_back(with_argument(OpKind::synchronize, flavor));
  all.push_back(with_argument(OpKind::destroy, 0));
  if (with_program) all.push_back(with_argument(OpKind::raise, 0));
  return all;
}

bool raises(const scenario::Task& task) {
  return std::any_of(task.ops.begin(), task.ops.end(), [](const Operation& op) { return op.kind == OpKind::raise; });
}

// A number for each operation, list by list: the smallest of all equivalent programs stands for them.
using Name = std::vector<unsigned>;

Name name_of(const scenario::Scenario& s, bool other_cpus, bool other_slots) {
  Name name;
  const auto add = [&](const std::vector<Operation>& ops) {
    name.push_back(1000);
    for (const Operation& op : ops) {
      const bool has_slot = op.kind != OpKind::synchronize && op.kind != OpKind::destroy && op.kind != OpKind::raise;
      const unsigned slot = has_slot && other_slots ? 1U - op.slot : op.slot;
      name.push_back(static_cast<unsigned>(op.kind) * 16 + slot * 4 + op.argument);
    }
  };
  add(s.tasks[other_cpus ? 1 : 0].ops);
  add(s.tasks[other_cpus ? 0 : 1].ops);
  for (const scenario::Program& program : s.programs) {
    name.push_back(2000 + (other_cpus ? 1U - program.cpu : program.cpu) + (program.kind == ProgramKind::nmi ? 2 : 0));
    add(program.ops);
  }
  return name;
}

bool stands_for_its_like(const scenario::Scenario& s) {
  const Name own = name_of(s, false, false);
  return own <= name_of(s, true, false) && own <= name_of(s, false, true) && own <= name_of(s, true, true);
}

// visit(): for each way to fill the list with so many of `all`.
void fill(std::vector<Operation>& list, unsigned count, const std::vector<Operation>& all,
          const std::function<void()>& visit) {
  if (count == 0) return visit();
  for (const Operation& op : all) {
    list.push_back(op);
    fill(list, count - 1, all, visit);
    list.pop_back();
  }
}

scenario::Scenario bare(const scenario::Language& language) {
  scenario::Scenario s;
  s.machine.cpus = 2;
  s.machine.slots = slots;
  s.caches.resize(1);
  s.caches[0].size = object_bytes;
  s.tasks.resize(2);
  s.tasks[1].cpu = 1;
  scenario::translate(s, language);
  return s;
}

}  // namespace

std::vector<scenario::Scenario> programs_with(unsigned operations, const scenario::Language& language) {
  std::vector<scenario::Scenario> programs;
  const auto add_all = [&](scenario::Scenario& s, unsigned in_program) {
    const std::vector<Operation> all = those_of(language, task_operations(in_program != 0));
    for (unsigned first = 0; first + in_program <= operations; ++first) {
      fill(s.tasks[0].ops, first, all, [&] {
        fill(s.tasks[1].ops, operations - in_program - first, all, [&] {
          if (in_program != 0 && !raises(s.tasks[0]) && !raises(s.tasks[1])) return;
          if (stands_for_its_like(s)) programs.push_back(s);
        });
      });
    }
  };
  scenario::Scenario s = bare(language);
  add_all(s, 0);
  s.programs.resize(1);
  const std::vector<Operation> nested = those_of(language, nested_operations());
  for (const ProgramKind kind : {ProgramKind::irq, ProgramKind::nmi}) {
    if (!language.programs.has(kind)) continue;
    for (std::uint8_t cpu = 0; cpu < 2; ++cpu) {
      s.programs[0].kind = kind;
      s.programs[0].cpu = cpu;
      for (unsigned in_program = 1; in_program + 1 <= operations; ++in_program) {
        fill(s.programs[0].ops, in_program, nested, [&] { add_all(s, in_program); });
      }
    }
  }
  return programs;
}

}  // namespace rcufarm::harness
