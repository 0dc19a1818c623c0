// The mutator: what fuzz engines call to change an input.
//
// Job: mutate and cross inputs as scenarios rather than as bytes. An input is a scenario and, after it, bytes that are
// somebody else's (a schedule): these are kept as they are. The same seed gives the same result. No state; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rcufarm::scenario {

// Changes the first `size` bytes of `data` in place. Returns the new size, at most max_size and data.size(). If there is
// no room for both, the scenario loses operations first, and the bytes after it their end last.
std::size_t mutate(std::span<std::byte> data, std::size_t size, std::size_t max_size, std::uint64_t seed);

// Writes a child of two inputs to `out` (which overlaps neither) and returns its size, at most out.size(). What follows
// the scenario in `a` follows it in the child.
std::size_t crossover(std::span<const std::byte> a, std::span<const std::byte> b, std::span<std::byte> out,
                      std::uint64_t seed);

}  // namespace rcufarm::scenario
