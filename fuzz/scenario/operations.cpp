// The table of operations: see operations.h.
#include "scenario/operations.h"

#include <algorithm>

#include "scenario/check.h"

namespace rcufarm::scenario {
namespace {

using enum Operand;

// A row is read at a glance: its values on one line, its meaning beneath.
// clang-format off
constexpr std::array<OpSpec, op_kind_count> op_table{{
    {OpKind::alloc, "alloc", {cache, slot, size}, 3, true, 16, Place::anywhere,
     "allocates an object and puts it into the slot. Skipped: the slot is taken. If someone else fills the slot meanwhile, "
     "the new object is freed again. `size` is for size-class caches only."},
    {OpKind::free, "free", {slot}, 1, true, 10, Place::anywhere,
     "takes the object out of the slot and frees it. Skipped: the slot is empty, or its object is retired."},
    {OpKind::free_rcu, "free_rcu", {slot}, 1, true, 10, Place::anywhere,
     "takes the object out of the slot and frees it by `free_rcu`. Skipped: as `free`."},
    {OpKind::alloc_flags, "alloc_flags", {cache, slot, gfp}, 3, false, 3, Place::may_sleep,
     "as `alloc`, with flags: `kernel` asks the slab when the free list is empty. Skipped: as `alloc`; the cache is of "
     "size classes, which have no such call; `kernel` in an irq-off block or in a regular section."},
    {OpKind::raw_free, "raw_free", {slot}, 1, false, 4, Place::anywhere,
     "the first one retires the slot's object: nobody can find it any more, but it stays in the slot. A later one gives it "
     "straight back to the slab. Skipped: the slot is empty; the object is not of a fixed-size cache; it is retired, and "
     "grace periods of both flavours, begun after that, have not yet been waited for by `synchronize`."},
    {OpKind::touch, "touch", {slot}, 1, false, 12, Place::anywhere,
     "reads and verifies an object. In a read section the first touch of a slot takes a reference, which belongs to the "
     "innermost section; later touches in that section verify the same object, whatever has become of the slot. Outside "
     "of sections the task takes the object out of the slot, verifies it as its owner and puts it back. Skipped: there is "
     "no reference, and the slot is empty or its object is retired."},
    {OpKind::enter, "enter", {flavor}, 1, false, 5, Place::anywhere,
     "begins a read section. Skipped: too many blocks are open (its `leave` is skipped too)."},
    {OpKind::leave, "leave", {}, 0, false, 5, Place::anywhere,
     "ends the innermost block if that is a read section, and its references with it. Skipped otherwise."},
    {OpKind::irq_off, "irq_off", {}, 0, false, 3, Place::anywhere,
     "turns interrupts off. Skipped: too many blocks are open (its `irq_on` is skipped too)."},
    {OpKind::irq_on, "irq_on", {}, 0, false, 3, Place::anywhere,
     "ends the innermost block if that is an irq-off block. Skipped otherwise."},
    {OpKind::raise, "raise", {program}, 1, false, 6, Place::anywhere,
     "raises a nested program on the program's CPU (on real threads: on the raiser's own): an irq comes once interrupts are "
     "on there, an nmi at once. Skipped: it is raised already and has not run."},
    {OpKind::migrate, "migrate", {cpu}, 1, false, 4, Place::no_block,
     "the task goes on on that CPU. Skipped: any block is open."},
    {OpKind::fail_next, "fail_next", {fail_count}, 1, false, 1, Place::anywhere,
     "the next so many slab allocations of the machine fail."},
    {OpKind::synchronize, "synchronize", {flavor}, 1, false, 2, Place::no_block,
     "waits for a grace period. Skipped: any block is open."},
    {OpKind::destroy, "destroy", {cache}, 1, false, 1, Place::no_block,
     "destroys the cache. First it is closed to operations that come later, those in progress, open sections and raised "
     "programs are waited for, and objects in slots are freed. Skipped: any block is open."},
    {OpKind::yield, "yield", {}, 0, false, 2, Place::interrupts_on,
     "lets other tasks of this CPU go first. Skipped: in an irq-off block."},
    {OpKind::pause, "pause", {pause_count}, 1, false, 2, Place::anywhere,
     "so many turns of `cpu_relax`: time passes for the others."},
}};
// clang-format on

constexpr bool op_table_is_in_order() {
  for (std::size_t i = 0; i < op_table.size(); ++i) {
    if (static_cast<std::size_t>(op_table[i].kind) != i) return false;
  }
  return true;
}
static_assert(op_table_is_in_order(), "op_table is indexed by OpKind");

// The byte format has one byte for all operands but cache, slot and size.
constexpr bool arguments_fit() {
  for (const OpSpec& spec : op_table) {
    int arguments = 0;
    for (std::size_t i = 0; i < spec.operand_total; ++i) {
      if (spec.operands[i] != cache && spec.operands[i] != slot) ++arguments;
    }
    if (arguments > 1) return false;
  }
  return true;
}
static_assert(arguments_fit(), "an operation has at most one operand besides cache and slot");

constexpr unsigned op_weight_total = [] {
  unsigned total = 0;
  for (const OpSpec& spec : op_table) total += spec.weight;
  return total;
}();

constexpr std::size_t nested_total() {
  std::size_t total = 0;
  for (const OpSpec& spec : op_table) total += spec.nested ? 1 : 0;
  return total;
}

constexpr auto nested_kinds = [] {
  std::array<OpKind, nested_total()> kinds{};
  std::size_t n = 0;
  for (const OpSpec& spec : op_table) {
    if (spec.nested) kinds[n++] = spec.kind;
  }
  return kinds;
}();

constexpr std::array<std::string_view, 2> flavors{"regular", "tasks_trace"};
constexpr std::array<std::string_view, 2> gfps{"nowait", "kernel"};
constexpr std::array<std::string_view, 2> program_kinds{"irq", "nmi"};
constexpr std::array<std::string_view, 3> cache_kinds{"size", "percpu", "classes"};

constexpr std::array<std::uint16_t, 28> unit_sizes{64,   8,    16,   24,   40,   56,   88,   96,  100, 120,
                                                   128,  184,  192,  200,  248,  256,  400,  504, 512, 1000,
                                                   1016, 1024, 1536, 2040, 2048, 3000, 4088, 4096};
constexpr std::array<std::uint16_t, 40> alloc_sizes{
    16,  0,   1,   8,   9,   24,  25,  32,  40,  56,  57,  64,  72,   88,   89,   96,   97,   100,  120,  121,
    128, 184, 185, 192, 200, 248, 249, 256, 400, 504, 505, 512, 1000, 1016, 1017, 2040, 2041, 4088, 4096, 4097};

}  // namespace

bool OpSpec::uses(Operand operand) const {
  const auto all = used();
  return std::find(all.begin(), all.end(), operand) != all.end();
}

std::span<const OpSpec> op_specs() { return op_table; }

const OpSpec& spec_of(OpKind kind) {
  check(static_cast<std::size_t>(kind) < op_table.size(), "spec_of: no such operation");
  return op_table[static_cast<std::size_t>(kind)];
}

std::optional<OpKind> op_named(std::string_view name) {
  for (const OpSpec& spec : op_table) {
    if (spec.name == name) return spec.kind;
  }
  return std::nullopt;
}

std::span<const OpKind> nested_op_kinds() { return nested_kinds; }

OpKind op_from_number(unsigned number) {
  if (number < op_kind_count) return static_cast<OpKind>(number);
  unsigned share = (number - op_kind_count) % op_weight_total;
  for (const OpSpec& spec : op_table) {
    if (share < spec.weight) return spec.kind;
    share -= spec.weight;
  }
  check(false, "op_from_number: weights do not add up");
  return OpKind::yield;
}

Range range_of(Operand operand, const Scenario& scenario) {
  switch (operand) {
    case Operand::cache: return {0, static_cast<unsigned>(scenario.caches.size()) - 1};
    case Operand::slot: return {0, scenario.machine.slots - 1U};
    case Operand::size: return {0, limits.alloc_bytes_max};
    case Operand::gfp: return {0, static_cast<unsigned>(gfps.size()) - 1};
    case Operand::flavor: return {0, static_cast<unsigned>(flavors.size()) - 1};
    case Operand::cpu: return {0, scenario.machine.cpus - 1U};
    case Operand::program:
      if (scenario.programs.empty()) return {1, 0};
      return {0, static_cast<unsigned>(scenario.programs.size()) - 1};
    case Operand::fail_count: return {1, limits.fail_next_max};
    case Operand::pause_count: return {1, limits.pause_max};
  }
  check(false, "range_of: no such operand");
  return {0, 0};
}

unsigned operand_value(const Operation& op, Operand operand) {
  switch (operand) {
    case Operand::cache: return op.cache;
    case Operand::slot: return op.slot;
    case Operand::size: return op.size;
    case Operand::gfp:
    case Operand::flavor:
    case Operand::cpu:
    case Operand::program:
    case Operand::fail_count:
    case Operand::pause_count: return op.argument;
  }
  check(false, "operand_value: no such operand");
  return 0;
}

void set_operand(Operation& op, Operand operand, unsigned value) {
  switch (operand) {
    case Operand::cache: op.cache = static_cast<std::uint8_t>(value); return;
    case Operand::slot: op.slot = static_cast<std::uint8_t>(value); return;
    case Operand::size: op.size = static_cast<std::uint16_t>(value); return;
    case Operand::gfp:
    case Operand::flavor:
    case Operand::cpu:
    case Operand::program:
    case Operand::fail_count:
    case Operand::pause_count: op.argument = static_cast<std::uint8_t>(value); return;
  }
  check(false, "set_operand: no such operand");
}

std::span<const std::string_view> flavor_names() { return flavors; }
std::span<const std::string_view> gfp_names() { return gfps; }
std::span<const std::string_view> program_kind_names() { return program_kinds; }
std::span<const std::string_view> cache_kind_names() { return cache_kinds; }

std::span<const std::uint16_t> good_unit_sizes() { return unit_sizes; }
std::span<const std::uint16_t> good_alloc_sizes() { return alloc_sizes; }

}  // namespace rcufarm::scenario
