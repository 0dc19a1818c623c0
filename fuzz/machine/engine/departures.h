// Departures from the plain order, as a fuzzer's input has them.
//
// Job: the value and its three bytes: kind and pick in the first, the gap in the others, lowest first. Any three bytes are a
// departure, and three zeros are none. Each kind of place where
// somebody may decide has its own sequence: a departure says how many such places to pass since the one before it of the
// same kind, and what to do there. So adding or dropping one moves those of the other kinds not at all, and a departure
// that never comes to its place holds nobody up. Plain values; no state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "machine/engine/choice.h"

namespace rcufarm::sim {

enum class DepartureKind : std::uint8_t {
  preempt,  // places: points at which the current context could go on. Another one goes on
  next,     // places: points at which it cannot (it ended, blocks or yields). Not the plain order's next one goes on
  fail,     // places: slab allocations that may fail. This one does
  load,     // places: loads that more than one store is there for. An older one than the newest is read
  place,    // places: stores and frees that could come before others. This one does
};
inline constexpr unsigned departure_kinds = 5;

constexpr DepartureKind departure_for(ChoiceKind kind) {
  switch (kind) {
    case ChoiceKind::allocation: return DepartureKind::fail;
    case ChoiceKind::load: return DepartureKind::load;
    case ChoiceKind::place: return DepartureKind::place;
  }
  return DepartureKind::fail;
}

struct Departure {
  DepartureKind kind = DepartureKind::preempt;
  // Which of the other choices, 1 the nearest (the next in the plain order; the youngest of the older stores); more than
  // there are begin again at 1. 0: none, the plain choice: a pause between others. Below picks_of(kind).
  std::uint8_t pick = 0;
  std::uint16_t gap = 0;  // places that are passed first

  bool operator==(const Departure&) const = default;
};
inline constexpr std::size_t departure_bytes = 3;

// A quarter of the first byte's values for each kind, but for the last two, which share one: 192 to 223 are loads, 224 to 255
// places. So a kind was added, and each input still means what it meant: where the upper half of the last quarter says a
// place now, it said a load, and a load had one store to read.
constexpr unsigned picks_of(DepartureKind kind) { return kind < DepartureKind::load ? 64 : 32; }
constexpr unsigned first_byte_of(DepartureKind kind) {
  unsigned first = 0;
  for (unsigned k = 0; k < static_cast<unsigned>(kind); ++k) first += picks_of(static_cast<DepartureKind>(k));
  return first;
}
constexpr DepartureKind kind_of_first_byte(unsigned byte) {
  unsigned kind = departure_kinds - 1;
  while (byte < first_byte_of(static_cast<DepartureKind>(kind))) --kind;
  return static_cast<DepartureKind>(kind);
}

inline Departure departure_from(std::span<const std::byte, departure_bytes> bytes) {
  const auto first = std::to_integer<unsigned>(bytes[0]);
  const DepartureKind kind = kind_of_first_byte(first);
  return {.kind = kind,
          .pick = static_cast<std::uint8_t>(first - first_byte_of(kind)),
          .gap = static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[1]) | std::to_integer<unsigned>(bytes[2])
                                                                                      << 8U)};
}

inline void put_departure(const Departure& departure, std::span<std::byte, departure_bytes> bytes) {
  bytes[0] = static_cast<std::byte>(first_byte_of(departure.kind) + departure.pick);
  bytes[1] = static_cast<std::byte>(departure.gap & 0xffU);
  bytes[2] = static_cast<std::byte>(departure.gap >> 8U);
}

}  // namespace rcufarm::sim
