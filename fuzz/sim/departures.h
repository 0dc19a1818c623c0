// Departures from the plain order, as a fuzzer's input has them.
//
// Job: the value and its three bytes. Any three bytes are a departure, and three zeros are none. Each kind of place where
// somebody may decide has its own sequence: a departure says how many such places to pass since the one before it of the
// same kind, and what to do there. So adding or dropping one moves those of the other kinds not at all, and a departure
// that never comes to its place holds nobody up. Plain values; no state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rcufarm::sim {

enum class DepartureKind : std::uint8_t {
  preempt,  // places: points at which the current context could go on. Another one goes on
  next,     // places: points at which it cannot (it ended, blocks or yields). Not the plain order's next one goes on
  fail,     // places: slab allocations that may fail. This one does
  load,     // places: loads that more than one store is there for. An older one than the newest is read
};
inline constexpr unsigned departure_kinds = 4;

struct Departure {
  DepartureKind kind = DepartureKind::preempt;
  // Which of the other choices, 1 the nearest (the next in the plain order; the youngest of the older stores); more than
  // there are begin again at 1. 0: none, the plain choice: a pause between others. Below picks.
  std::uint8_t pick = 0;
  std::uint16_t gap = 0;  // places that are passed first

  bool operator==(const Departure&) const = default;
};
inline constexpr unsigned departure_picks = 64;
inline constexpr std::size_t departure_bytes = 3;

inline Departure departure_from(std::span<const std::byte, departure_bytes> bytes) {
  const auto first = std::to_integer<unsigned>(bytes[0]);
  return {.kind = static_cast<DepartureKind>(first / departure_picks),
          .pick = static_cast<std::uint8_t>(first % departure_picks),
          .gap = static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[1]) | std::to_integer<unsigned>(bytes[2])
                                                                                      << 8U)};
}

inline void put_departure(const Departure& departure, std::span<std::byte, departure_bytes> bytes) {
  bytes[0] = static_cast<std::byte>(static_cast<unsigned>(departure.kind) * departure_picks + departure.pick);
  bytes[1] = static_cast<std::byte>(departure.gap & 0xffU);
  bytes[2] = static_cast<std::byte>(departure.gap >> 8U);
}

}  // namespace rcufarm::sim
