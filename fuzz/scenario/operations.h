// The table of operations: the one place that says what operations there are and what they take.
//
// Job: names, operands, ranges, weights and the rules that a runner follows. The byte codec, the text codec, the
// generator, the mutator, the grammar, the dictionary and README.md are all derived from it, so that none can differ.
// Constant data; anyone may read it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "scenario/scenario.h"

namespace rcufarm::scenario {

enum class Operand : std::uint8_t { cache, slot, size, gfp, flavor, cpu, program, fail_count, pause_count };
inline constexpr std::size_t operand_count = 9;

// Where in a task an operation may stand, beyond what depends on the run (see blocks.h).
enum class Place : std::uint8_t {
  anywhere,
  interrupts_on,  // not in an irq-off block
  no_block,       // neither in an irq-off block nor in a read section
  may_sleep,      // with gfp `kernel`: neither in an irq-off block nor in a regular read section
};

struct OpSpec {
  OpKind kind;
  std::string_view name;
  std::array<Operand, 3> operands;  // in the order of the text form; the first `operand_total` count
  std::uint8_t operand_total;
  bool nested;          // may it stand in a nested program?
  std::uint8_t weight;  // its share where an operation is drawn at random
  Place place;
  std::string_view meaning;  // what it does, and when it is skipped: for README.md

  std::span<const Operand> used() const { return {operands.data(), operand_total}; }
  bool uses(Operand operand) const;
};

std::span<const OpSpec> op_specs();  // indexed by OpKind
const OpSpec& spec_of(OpKind kind);
std::optional<OpKind> op_named(std::string_view name);

// What operations a nested program is made of.
std::span<const OpKind> nested_op_kinds();

// Any number becomes an operation: one that is an OpKind stands for itself, others are spread by weight.
OpKind op_from_number(unsigned number);

struct Range {
  unsigned min;
  unsigned max;
};
// The values that an operand can have in this scenario. For `program` there may be none: then max < min.
Range range_of(Operand operand, const Scenario& scenario);

// The operand's value in an operation that uses it.
unsigned operand_value(const Operation& op, Operand operand);
void set_operand(Operation& op, Operand operand, unsigned value);

// Names of an enumeration's values in the text form, indexed by value.
std::span<const std::string_view> flavor_names();
std::span<const std::string_view> gfp_names();
std::span<const std::string_view> program_kind_names();
std::span<const std::string_view> cache_kind_names();

// Sizes worth trying: around the places where slabs and size classes round. Whoever draws a size takes one of these.
std::span<const std::uint16_t> good_unit_sizes();
std::span<const std::uint16_t> good_alloc_sizes();

}  // namespace rcufarm::scenario
