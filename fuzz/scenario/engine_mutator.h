// What the fuzz engines' entries to a mutator call: libfuzzer_mutator.cpp and afl_mutator.cpp.
//
// Job: one name for whichever two functions mutate and cross. Who links an entry links one definition with it: of
// scenarios (engine_mutator.cpp) or of inputs for the simulator (harness/sim/sim_engine_mutator.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rcufarm::scenario {

struct Mutator {
  std::size_t (*mutate)(std::span<std::byte> data, std::size_t size, std::size_t max_size, std::uint64_t seed);
  std::size_t (*cross)(std::span<const std::byte> a, std::span<const std::byte> b, std::span<std::byte> out,
                       std::uint64_t seed);
  std::size_t grows_by_max;  // bytes that one call may add to an input
};

extern const Mutator engine_mutator;

}  // namespace rcufarm::scenario
