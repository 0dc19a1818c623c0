// What a fuzz engine is told of a run besides edges: which store each load read, and the allocators' states.
//
// Job: give the memory in which the engine looks for it. One file for each engine; the build links one. The engine clears
// the memory before each input.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rcufarm::targets {

// Powers of two, some times as many as there are pairs of a store and a load, and as states are met.
inline constexpr std::size_t reads_from_places = std::size_t{1} << 12U;
inline constexpr std::size_t state_places = std::size_t{1} << 11U;

struct Feedback {
  std::uint8_t* reads_from;  // reads_from_places bytes: counts
  std::uint8_t* states;      // state_places bytes: 0 or 1
};

// For the input that comes next.
Feedback feedback_memory();

}  // namespace rcufarm::targets
