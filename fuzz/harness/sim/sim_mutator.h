// The mutator of inputs for the simulator: what fuzz engines call.
//
// Job: change scenario, schedule or both, each as what it is, and keep the other as it was. Results are canonical and fit
// their room. The same seed gives the same result. No state; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rcufarm::harness {

// Changes the first `size` bytes of `data` in place. Returns the new size, at most max_size and data.size(). If there is
// no room for all, the schedule loses its last departures first, and the scenario operations then.
std::size_t mutate_input(std::span<std::byte> data, std::size_t size, std::size_t max_size, std::uint64_t seed);

// Writes a child of two inputs to `out` (which overlaps neither) and returns its size, at most out.size().
std::size_t cross_inputs(std::span<const std::byte> a, std::span<const std::byte> b, std::span<std::byte> out,
                         std::uint64_t seed);

}  // namespace rcufarm::harness
