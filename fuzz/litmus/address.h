// Addresses as values.
//
// Job: say which of a thread's values are addresses. An int has 32 bits; what lies above is a location and an offset from it,
// which only arithmetic makes and nothing can be read through.
#pragma once

#include <optional>

#include "litmus/event.h"

namespace rcufarm::litmus {

inline constexpr unsigned address_shift = 40;

constexpr Value address_of(Location location) { return (Value{location} + 1) << address_shift; }
constexpr bool is_address(Value value) { return value >= (Value{1} << (address_shift - 1)); }
// Of an address, the nearest location and how far it is.
constexpr Location nearest_location(Value address) {
  return static_cast<Location>(((address + (Value{1} << (address_shift - 1))) >> address_shift) - 1);
}
constexpr Value offset_of(Value address) { return address - address_of(nearest_location(address)); }
constexpr std::optional<Location> location_at(Value value) {
  if (!is_address(value) || offset_of(value) != 0) return std::nullopt;
  return nearest_location(value);
}

}  // namespace rcufarm::litmus
