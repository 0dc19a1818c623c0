// Where a run is, for whom it does not matter how it got there.
//
// Job: the name of a context's point: its n-th event (schedule.h) and the points since. One word, since it is written at each
// point and read as a whole right after: two halves written apart and read together would make the processor wait. Plain value.
#pragma once

#include <compare>
#include <cstdint>

namespace rcufarm::sim {

class Anchor {
 public:
  constexpr Anchor() = default;
  constexpr Anchor(std::uint32_t event, std::uint32_t points) : bits_(std::uint64_t{event} << 32U | points) {}

  constexpr std::uint32_t event() const { return static_cast<std::uint32_t>(bits_ >> 32U); }
  constexpr std::uint32_t points() const { return static_cast<std::uint32_t>(bits_); }
  constexpr void next_event() { bits_ = (bits_ | 0xffffffffU) + 1; }
  constexpr void next_point() { ++bits_; }  // a run has fewer points than a half has numbers

  // In the order of a run, for one context.
  friend constexpr auto operator<=>(Anchor, Anchor) = default;

 private:
  std::uint64_t bits_ = 0;
};

}  // namespace rcufarm::sim
