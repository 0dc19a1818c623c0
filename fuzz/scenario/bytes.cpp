// The byte form of a scenario: see bytes.h, and README.md for the layout.
#include "scenario/bytes.h"

#include <algorithm>

#include "scenario/check.h"
#include "scenario/normalize.h"
#include "scenario/operations.h"

namespace rcufarm::scenario {
namespace {

// Where things stand in the header. Numbers of two and four bytes are little-endian.
enum Offset : std::size_t {
  at_version = 0,
  at_cpus = 1,
  at_tasks = 2,
  at_caches = 3,
  at_programs = 4,
  at_slots = 5,
  at_implies_rcu_gp = 6,
  at_slab_rounding = 7,
  at_slab_reuse = 8,
  at_destroy_mode = 9,
  at_fail_after = 10,  // two bytes
  at_fail_bits = 12,   // four bytes
  at_cgroup_unit = 16,
  at_cgroup_amount = 18,  // two bytes
  at_cache_table = 20,    // kind, size in two bytes
  at_task_table = 32,     // cpu
  at_program_table = 40,  // kind, cpu
};
constexpr std::size_t cache_entry = 3;
constexpr std::size_t program_entry = 2;
static_assert(at_task_table == at_cache_table + cache_entry * limits.caches_max);
static_assert(at_program_table == at_task_table + limits.tasks_max);
static_assert(header_bytes == at_program_table + program_entry * limits.nested_programs_max);

// The second byte of a record: a lane in the low half, bits 8 to 11 of a size in the high half.
constexpr unsigned lane_is_program = 8;
constexpr unsigned lane_number = 7;
static_assert(limits.tasks_max <= lane_number + 1 && limits.nested_programs_max <= lane_number + 1);
// The third byte: slot, cache, bit 12 of a size.
constexpr unsigned slot_bits = 5;
constexpr unsigned cache_bits = 2;
static_assert(limits.slots_max <= 1U << slot_bits && limits.caches_max <= 1U << cache_bits);
static_assert(limits.alloc_bytes_max < 1U << 13U);
static_assert(op_kind_count < end_opcode);

// Bytes that aren't there are 0.
class Input {
 public:
  explicit Input(std::span<const std::byte> bytes) : bytes_(bytes) {}
  unsigned byte(std::size_t at) const { return at < bytes_.size() ? std::to_integer<unsigned>(bytes_[at]) : 0; }
  unsigned two(std::size_t at) const { return byte(at) | byte(at + 1) << 8U; }
  std::uint32_t four(std::size_t at) const { return two(at) | std::uint32_t{two(at + 2)} << 16U; }
  std::size_t size() const { return bytes_.size(); }

 private:
  std::span<const std::byte> bytes_;
};

template <class E>
E as(unsigned value) {
  return static_cast<E>(static_cast<std::uint8_t>(value));
}

void read_machine(const Input& in, Machine& machine) {
  machine.cpus = as<std::uint8_t>(in.byte(at_cpus));
  machine.slots = as<std::uint8_t>(in.byte(at_slots));
  machine.implies_rcu_gp = in.byte(at_implies_rcu_gp) % 2 != 0;
  machine.slab_rounding = as<SlabRounding>(in.byte(at_slab_rounding));
  machine.slab_reuse = as<SlabReuse>(in.byte(at_slab_reuse));
  machine.destroy_mode = as<DestroyMode>(in.byte(at_destroy_mode));
  machine.slab_failures = {static_cast<std::uint16_t>(in.two(at_fail_after)), in.four(at_fail_bits)};
  machine.cgroup = {as<CgroupUnit>(in.byte(at_cgroup_unit)), static_cast<std::uint16_t>(in.two(at_cgroup_amount))};
}

void read_header(const Input& in, Scenario& scenario) {
  read_machine(in, scenario.machine);
  // From empty, so that what is added is new and the storage inside is kept.
  scenario.caches.resize(0);
  scenario.tasks.resize(0);
  scenario.programs.resize(0);
  scenario.caches.resize(fold(in.byte(at_caches), 1, limits.caches_max));
  scenario.tasks.resize(fold(in.byte(at_tasks), 1, limits.tasks_max));
  scenario.programs.resize(fold(in.byte(at_programs), 0, limits.nested_programs_max));
  for (std::size_t i = 0; i < scenario.caches.size(); ++i) {
    const std::size_t at = at_cache_table + i * cache_entry;
    scenario.caches[i] = {as<CacheKind>(in.byte(at)), static_cast<std::uint16_t>(in.two(at + 1))};
  }
  for (std::size_t i = 0; i < scenario.tasks.size(); ++i) {
    scenario.tasks[i].cpu = as<std::uint8_t>(in.byte(at_task_table + i));
  }
  for (std::size_t i = 0; i < scenario.programs.size(); ++i) {
    const std::size_t at = at_program_table + i * program_entry;
    scenario.programs[i].kind = as<ProgramKind>(in.byte(at));
    scenario.programs[i].cpu = as<std::uint8_t>(in.byte(at + 1));
  }
}

// A lane that isn't there is folded into those that are; what a full program can't take goes to a task.
std::vector<Operation>& list_of_lane(unsigned lane, Scenario& scenario) {
  const unsigned number = lane & lane_number;
  if ((lane & lane_is_program) != 0 && !scenario.programs.empty()) {
    std::vector<Operation>& ops = scenario.programs[number % scenario.programs.size()].ops;
    if (ops.size() < limits.nested_ops_max) return ops;
  }
  return scenario.tasks[number % scenario.tasks.size()].ops;
}

void read_record(const Input& in, std::size_t at, Scenario& scenario) {
  const unsigned lane = in.byte(at + 1);
  const unsigned place = in.byte(at + 2);
  const unsigned argument = in.byte(at + 3);
  Operation op;
  op.kind = op_from_number(in.byte(at));
  op.slot = static_cast<std::uint8_t>(place & ((1U << slot_bits) - 1));
  op.cache = static_cast<std::uint8_t>(place >> slot_bits & ((1U << cache_bits) - 1));
  op.argument = static_cast<std::uint8_t>(argument);
  op.size = static_cast<std::uint16_t>(argument | (lane >> 4U) << 8U | (place >> 7U) << 12U);
  list_of_lane(lane & 0x0fU, scenario).push_back(op);
}

// Version 1. A later version gets a function of its own, and this one stays as long as corpora hold it.
std::size_t decode_version_1(const Input& in, Scenario& scenario) {
  read_header(in, scenario);
  std::size_t at = header_bytes;
  std::size_t records = 0;
  bool ended = false;
  while (at < in.size() && !ended) {
    ended = in.byte(at) == end_opcode;
    if (!ended && records == limits.ops_max) break;  // what follows is not ours
    if (!ended) read_record(in, at, scenario);
    ++records;
    at += record_bytes;
  }
  normalize(scenario);
  return std::min(at, in.size());
}

class Output {
 public:
  Output(std::vector<std::byte>& out, std::size_t bytes) : out_(out), start_(out.size()) { out.resize(start_ + bytes); }
  void byte(std::size_t at, unsigned value) { out_[start_ + at] = static_cast<std::byte>(value); }
  void two(std::size_t at, unsigned value) {
    byte(at, value & 0xffU);
    byte(at + 1, value >> 8U);
  }
  void four(std::size_t at, std::uint32_t value) {
    two(at, value & 0xffffU);
    two(at + 2, value >> 16U);
  }

 private:
  std::vector<std::byte>& out_;
  std::size_t start_;
};

void write_machine(Output& out, const Machine& machine) {
  out.byte(at_cpus, machine.cpus);
  out.byte(at_slots, machine.slots);
  out.byte(at_implies_rcu_gp, machine.implies_rcu_gp ? 1 : 0);
  out.byte(at_slab_rounding, static_cast<unsigned>(machine.slab_rounding));
  out.byte(at_slab_reuse, static_cast<unsigned>(machine.slab_reuse));
  out.byte(at_destroy_mode, static_cast<unsigned>(machine.destroy_mode));
  out.two(at_fail_after, machine.slab_failures.after);
  out.four(at_fail_bits, machine.slab_failures.bits);
  out.byte(at_cgroup_unit, static_cast<unsigned>(machine.cgroup.unit));
  out.two(at_cgroup_amount, machine.cgroup.amount);
}

void write_header(Output& out, const Scenario& scenario) {
  out.byte(at_version, format_version);
  write_machine(out, scenario.machine);
  out.byte(at_tasks, static_cast<unsigned>(scenario.tasks.size()));
  out.byte(at_caches, static_cast<unsigned>(scenario.caches.size()));
  out.byte(at_programs, static_cast<unsigned>(scenario.programs.size()));
  for (std::size_t i = 0; i < scenario.caches.size(); ++i) {
    const std::size_t at = at_cache_table + i * cache_entry;
    out.byte(at, static_cast<unsigned>(scenario.caches[i].kind));
    out.two(at + 1, scenario.caches[i].size);
  }
  for (std::size_t i = 0; i < scenario.tasks.size(); ++i) out.byte(at_task_table + i, scenario.tasks[i].cpu);
  for (std::size_t i = 0; i < scenario.programs.size(); ++i) {
    const std::size_t at = at_program_table + i * program_entry;
    out.byte(at, static_cast<unsigned>(scenario.programs[i].kind));
    out.byte(at + 1, scenario.programs[i].cpu);
  }
}

std::size_t write_list(Output& out, std::size_t at, std::size_t lane, const std::vector<Operation>& ops) {
  for (const Operation& op : ops) {
    const unsigned low = op.size != 0 ? op.size & 0xffU : op.argument;
    out.byte(at, static_cast<unsigned>(op.kind));
    out.byte(at + 1, static_cast<unsigned>(lane) | (op.size >> 8U & 0x0fU) << 4U);
    out.byte(at + 2, op.slot | static_cast<unsigned>(op.cache) << slot_bits | (op.size >> 12U) << 7U);
    out.byte(at + 3, low);
    at += record_bytes;
  }
  return at;
}

bool known(std::uint8_t version) { return version == 1; }

}  // namespace

std::string DecodeError::message() const {
  switch (kind) {
    case Kind::empty: return "the file is empty: a saved scenario has a format version in its first byte";
    case Kind::unknown_version:
      return "format version " + std::to_string(version) + " in the first byte, but this build reads version " +
             std::to_string(format_version) +
             ": use a newer build, or, if the file is a raw fuzz input, a tool that replays those";
  }
  check(false, "DecodeError: no such kind");
  return {};
}

std::size_t decode_into(std::span<const std::byte> bytes, Scenario& scenario) {
  return decode_version_1(Input(bytes), scenario);
}

Decoded decode(std::span<const std::byte> bytes) {
  Decoded decoded;
  decoded.consumed = decode_into(bytes, decoded.scenario);
  return decoded;
}

std::variant<Decoded, DecodeError> decode_saved(std::span<const std::byte> bytes) {
  if (bytes.empty()) return DecodeError{DecodeError::Kind::empty, 0};
  const auto version = std::to_integer<std::uint8_t>(bytes[0]);
  if (!known(version)) return DecodeError{DecodeError::Kind::unknown_version, version};
  return decode(bytes);
}

std::size_t encoded_bytes(const Scenario& scenario) { return header_bytes + record_bytes * (total_ops(scenario) + 1); }

void encode_append(const Scenario& scenario, std::vector<std::byte>& out) {
  check(total_ops(scenario) <= limits.ops_max, "encode: the scenario is not valid, it has too many operations");
  Output output(out, encoded_bytes(scenario));
  write_header(output, scenario);
  std::size_t at = header_bytes;
  for (std::size_t i = 0; i < scenario.tasks.size(); ++i) at = write_list(output, at, i, scenario.tasks[i].ops);
  for (std::size_t i = 0; i < scenario.programs.size(); ++i) {
    at = write_list(output, at, i | lane_is_program, scenario.programs[i].ops);
  }
  output.byte(at, end_opcode);
}

std::vector<std::byte> encode(const Scenario& scenario) {
  std::vector<std::byte> out;
  encode_append(scenario, out);
  return out;
}

}  // namespace rcufarm::scenario
