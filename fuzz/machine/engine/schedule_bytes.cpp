// The compact form of schedules.
//
// Job: bytes and back, without loss. "rcS", the version, the config's length and text, the number of entries, and for each
// entry: context, kind, and then as variable-length numbers (seven bits a byte, lowest first) event, points and, by kind,
// target or value. Pure.
#include <bit>

#include "machine/engine/limits.h"
#include "machine/engine/schedule.h"

namespace rcufarm::sim {

namespace {

constexpr std::uint8_t magic[] = {'r', 'c', 'S'};

void put(std::vector<std::byte>& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7U) out.push_back(static_cast<std::byte>(number | 0x80U));
  out.push_back(static_cast<std::byte>(number));
}

struct Reader {
  std::span<const std::byte> bytes;
  std::size_t at = 0;
  bool good = true;

  std::uint8_t byte() {
    if (at == bytes.size()) {
      good = false;
      return 0;
    }
    return static_cast<std::uint8_t>(bytes[at++]);
  }
  std::uint32_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const std::uint8_t b = byte();
      value |= std::uint64_t{b & 0x7fU} << shift;
      if ((b & 0x80U) == 0) break;
      if (shift == 28) good = false;
      if (!good) return 0;
    }
    if (value > 0xffffffffU) good = false;
    return static_cast<std::uint32_t>(value);
  }
};

ScheduleError error(const Reader& reader, const char* what) {
  return ScheduleError{"schedule, byte " + std::to_string(reader.at) + ": " + what};
}

}  // namespace

std::vector<std::byte> to_bytes(const Schedule& schedule) {
  std::vector<std::byte> out;
  for (const std::uint8_t c : magic) out.push_back(static_cast<std::byte>(c));
  out.push_back(static_cast<std::byte>(version_of(schedule)));
  put(out, schedule.config.size());
  for (const char c : schedule.config) out.push_back(static_cast<std::byte>(c));
  put(out, schedule.deviations.size());
  for (const Deviation& d : schedule.deviations) {
    out.push_back(static_cast<std::byte>(index_of(d.at)));
    out.push_back(static_cast<std::byte>(d.kind));
    put(out, d.event);
    put(out, d.points);
    if (!choice_of(d.kind)) out.push_back(static_cast<std::byte>(index_of(d.target)));
    if (has_value(d.kind)) put(out, d.value);
  }
  return out;
}

std::variant<Schedule, ScheduleError> schedule_from_bytes(std::span<const std::byte> bytes) {
  Reader in{bytes};
  for (const std::uint8_t c : magic) {
    if (in.byte() != c) return error(in, "this is no schedule (it does not begin with \"rcS\")");
  }
  const unsigned version = in.byte();
  if (version == 0 || version > schedule_version) {
    return error(in, "a version that this build does not know; it knows versions 1 and 2");
  }
  Schedule schedule;
  const std::uint32_t config_bytes = in.number();
  if (!in.good || config_bytes > config_bytes_max) return error(in, "the configuration's name is too long");
  for (std::uint32_t i = 0; i < config_bytes; ++i) schedule.config.push_back(static_cast<char>(in.byte()));
  const std::uint32_t count = in.number();
  if (!in.good || count > deviations_max) return error(in, "more entries than a schedule may have, or cut short");
  for (std::uint32_t i = 0; i < count; ++i) {
    Deviation d;
    const std::uint8_t at = in.byte();
    const std::uint8_t kind = in.byte();
    if (at >= index_of(idle_context)) return error(in, "there is no such context");
    if (kind >= decision_kinds) return error(in, "there is no such decision");
    d.at = static_cast<ContextId>(at);
    d.kind = static_cast<DecisionKind>(kind);
    if (version < version_with(d.kind)) return error(in, "a decision of a later version");
    d.event = in.number();
    d.points = in.number();
    if (!choice_of(d.kind)) {
      const std::uint8_t target = in.byte();
      if (target >= index_of(idle_context)) return error(in, "there is no such target");
      d.target = static_cast<ContextId>(target);
      if (decision_for(d.target) != d.kind) return error(in, "the decision does not suit its target");
    } else {
      d.target = d.at;
    }
    if (has_value(d.kind)) d.value = in.number();
    if (!in.good) return error(in, "it is cut short, or a number is too large");
    schedule.deviations.push_back(d);
  }
  if (in.at != bytes.size()) return error(in, "something follows the last entry");
  return schedule;
}

}  // namespace rcufarm::sim
