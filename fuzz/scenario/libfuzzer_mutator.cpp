// libFuzzer's entry to a mutator. Link this object into a fuzz target; libFuzzer finds the two functions by name and
// calls them from its main thread.
#include <cstddef>
#include <cstdint>
#include <span>

#include "scenario/engine_mutator.h"

namespace {

std::span<const std::byte> bytes_of(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span(data, size));
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  return rcufarm::scenario::engine_mutator.mutate(std::as_writable_bytes(std::span(data, max_size)), size, max_size,
                                                  seed);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* data1, std::size_t size1,
                                                 const std::uint8_t* data2, std::size_t size2, std::uint8_t* out,
                                                 std::size_t max_out_size, unsigned seed) {
  return rcufarm::scenario::engine_mutator.cross(bytes_of(data1, size1), bytes_of(data2, size2),
                                                 std::as_writable_bytes(std::span(out, max_out_size)), seed);
}
