// Mutations of operation lists: see mutate_ops.h.
#include "scenario/mutate_ops.h"

#include <algorithm>
#include <utility>

#include "scenario/generate.h"
#include "scenario/operations.h"

namespace rcufarm::scenario {
namespace {

constexpr unsigned range_ops_max = 32;  // operations that are deleted, copied or moved at once
constexpr unsigned copies_max = 4;

struct List {
  std::vector<Operation>* ops = nullptr;  // null: there is no such list
  bool nested = false;
};

// Tasks are where most happens: a program is taken one time in four.
List random_list(Scenario& scenario, Random& random) {
  if (!scenario.programs.empty() && random.one_in(4)) {
    return {&scenario.programs[random.below(scenario.programs.size())].ops, true};
  }
  return {&scenario.tasks[random.below(scenario.tasks.size())].ops, false};
}

List random_filled_list(Scenario& scenario, Random& random) {
  const List list = random_list(scenario, random);
  if (!list.ops->empty()) return list;
  // Rare enough to look through all: the next one with operations, from a random place on.
  const std::size_t tasks = scenario.tasks.size();
  const std::size_t lists = tasks + scenario.programs.size();
  const std::size_t first = random.below(lists);
  for (std::size_t n = 0; n < lists; ++n) {
    const std::size_t i = (first + n) % lists;
    std::vector<Operation>& ops = i < tasks ? scenario.tasks[i].ops : scenario.programs[i - tasks].ops;
    if (!ops.empty()) return {&ops, i >= tasks};
  }
  return {};
}

struct OpRange {
  std::ptrdiff_t begin;
  std::ptrdiff_t end;
};

// At least one operation; short ones more often.
OpRange random_range(const std::vector<Operation>& ops, Random& random) {
  const std::size_t max = std::min<std::size_t>(ops.size(), range_ops_max);
  const std::size_t length = random.one_in(2) ? 1 : 1 + random.below(max);
  const std::size_t begin = random.below(ops.size() - length + 1);
  return {static_cast<std::ptrdiff_t>(begin), static_cast<std::ptrdiff_t>(begin + length)};
}

std::ptrdiff_t random_place(const std::vector<Operation>& ops, Random& random) {
  return static_cast<std::ptrdiff_t>(random.below(ops.size() + 1));
}

// Those of its operands that can have another value.
std::vector<Operand> changeable(const Operation& op, const Scenario& scenario) {
  std::vector<Operand> operands;
  for (const Operand operand : spec_of(op.kind).used()) {
    if (operand == Operand::size && scenario.caches[op.cache].kind != CacheKind::classes) continue;
    const Range range = range_of(operand, scenario);
    if (range.min < range.max) operands.push_back(operand);
  }
  return operands;
}

}  // namespace

bool insert_op(Scenario& scenario, Random& random) {
  const List list = random_list(scenario, random);
  list.ops->insert(list.ops->begin() + random_place(*list.ops, random), random_op(random, scenario, list.nested));
  return true;
}

bool insert_phase(Scenario& scenario, Random& random) {
  std::vector<Operation>& ops = scenario.tasks[random.below(scenario.tasks.size())].ops;
  const std::vector<Operation> phase = random_phase(random, scenario);
  ops.insert(ops.begin() + random_place(ops, random), phase.begin(), phase.end());
  return true;
}

bool delete_ops(Scenario& scenario, Random& random) {
  const List list = random_filled_list(scenario, random);
  if (list.ops == nullptr) return false;
  const OpRange range = random_range(*list.ops, random);
  list.ops->erase(list.ops->begin() + range.begin, list.ops->begin() + range.end);
  return true;
}

bool duplicate_ops(Scenario& scenario, Random& random) {
  const List list = random_filled_list(scenario, random);
  if (list.ops == nullptr) return false;
  const OpRange range = random_range(*list.ops, random);
  const std::vector<Operation> copy(list.ops->begin() + range.begin, list.ops->begin() + range.end);
  for (unsigned n = random.few(copies_max); n > 0; --n) {
    list.ops->insert(list.ops->begin() + range.end, copy.begin(), copy.end());
  }
  return true;
}

bool swap_ops(Scenario& scenario, Random& random) {
  const List list = random_filled_list(scenario, random);
  if (list.ops == nullptr || list.ops->size() < 2) return false;
  const std::size_t a = random.below(list.ops->size());
  const std::size_t b = random.below(list.ops->size() - 1);
  std::swap((*list.ops)[a], (*list.ops)[b >= a ? b + 1 : b]);
  return true;
}

bool move_ops(Scenario& scenario, Random& random) {
  const List from = random_filled_list(scenario, random);
  if (from.ops == nullptr) return false;
  const OpRange range = random_range(*from.ops, random);
  const std::vector<Operation> moved(from.ops->begin() + range.begin, from.ops->begin() + range.end);
  from.ops->erase(from.ops->begin() + range.begin, from.ops->begin() + range.end);
  std::vector<Operation>& to = *random_list(scenario, random).ops;
  to.insert(to.begin() + random_place(to, random), moved.begin(), moved.end());
  return true;
}

bool replace_op(Scenario& scenario, Random& random) {
  const List list = random_filled_list(scenario, random);
  if (list.ops == nullptr) return false;
  Operation& op = (*list.ops)[random.below(list.ops->size())];
  const Operation old = op;
  op = random_op(random, scenario, list.nested);
  // Half of the time the new operation works on the old one's object.
  if (random.one_in(2) && spec_of(op.kind).uses(Operand::slot) && spec_of(old.kind).uses(Operand::slot))
    op.slot = old.slot;
  return true;
}

bool change_operand(Scenario& scenario, Random& random) {
  const List list = random_filled_list(scenario, random);
  if (list.ops == nullptr) return false;
  // The next one that has something to change, from a random place on.
  const std::size_t first = random.below(list.ops->size());
  for (std::size_t n = 0; n < list.ops->size(); ++n) {
    Operation& op = (*list.ops)[(first + n) % list.ops->size()];
    const std::vector<Operand> operands = changeable(op, scenario);
    if (operands.empty()) continue;
    const Operand operand = operands[random.below(operands.size())];
    const unsigned old = operand_value(op, operand);
    unsigned value = old;
    while (value == old) value = random_operand(random, operand, scenario);
    set_operand(op, operand, value);
    return true;
  }
  return false;
}

bool wrap_in_block(Scenario& scenario, Random& random) {
  std::vector<Operation>& ops = scenario.tasks[random.below(scenario.tasks.size())].ops;
  if (ops.empty()) return false;
  const OpRange range = random_range(ops, random);
  Operation open;
  Operation close;
  const bool irq_off = random.one_in(3);
  open.kind = irq_off ? OpKind::irq_off : OpKind::enter;
  close.kind = irq_off ? OpKind::irq_on : OpKind::leave;
  if (!irq_off) open.argument = static_cast<std::uint8_t>(random_operand(random, Operand::flavor, scenario));
  ops.insert(ops.begin() + range.end, close);  // first, so that the other place still holds
  ops.insert(ops.begin() + range.begin, open);
  return true;
}

}  // namespace rcufarm::scenario
