// Statistics of a scenario: see statistics.h.
#include "scenario/statistics.h"

#include <algorithm>
#include <span>

#include "scenario/blocks.h"
#include "scenario/bytes.h"
#include "scenario/operations.h"

namespace rcufarm::scenario {
namespace {

using SlotUsers = std::array<unsigned, limits.slots_max>;

void count(const std::vector<Operation>& ops, Statistics& statistics, SlotUsers& users) {
  std::array<bool, limits.slots_max> used{};
  for (const Operation& op : ops) {
    ++statistics.ops[static_cast<std::size_t>(op.kind)];
    ++statistics.ops_total;
    if (spec_of(op.kind).uses(Operand::slot)) used[op.slot] = true;
  }
  for (std::size_t slot = 0; slot < used.size(); ++slot) users[slot] += used[slot] ? 1 : 0;
}

void count_blocks(const std::vector<Operation>& ops, Statistics& statistics) {
  Blocks blocks;
  for (const Operation& op : ops) {
    if (!blocks.step(op)) ++statistics.skipped;
    statistics.deepest_block = std::max(statistics.deepest_block, blocks.depth());
  }
}

void add_line(std::string& text, std::string_view name, std::size_t value) {
  text += std::string(name) + " " + std::to_string(value) + "\n";
}

}  // namespace

Statistics statistics_of(const Scenario& scenario) {
  Statistics statistics;
  SlotUsers users{};
  for (const Task& task : scenario.tasks) {
    count(task.ops, statistics, users);
    count_blocks(task.ops, statistics);
    statistics.longest_task = std::max(statistics.longest_task, task.ops.size());
  }
  for (const Program& program : scenario.programs) {
    count(program.ops, statistics, users);
    statistics.nested_ops += program.ops.size();
  }
  for (const unsigned n : users) {
    statistics.slots_used += n > 0 ? 1 : 0;
    statistics.slots_shared += n > 1 ? 1 : 0;
  }
  statistics.bytes = encoded_bytes(scenario);
  return statistics;
}

std::string print(const Statistics& statistics) {
  std::string text;
  add_line(text, "bytes", statistics.bytes);
  add_line(text, "operations", statistics.ops_total);
  add_line(text, "nested", statistics.nested_ops);
  add_line(text, "longest_task", statistics.longest_task);
  add_line(text, "deepest_block", statistics.deepest_block);
  add_line(text, "always_skipped", statistics.skipped);
  add_line(text, "slots_used", statistics.slots_used);
  add_line(text, "slots_shared", statistics.slots_shared);
  for (const OpSpec& spec : op_specs()) {
    const std::size_t n = statistics.ops[static_cast<std::size_t>(spec.kind)];
    if (n > 0) add_line(text, "op_" + std::string(spec.name), n);
  }
  return text;
}

}  // namespace rcufarm::scenario
