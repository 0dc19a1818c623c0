// Stamps: what a user writes into an object, so that whoever reads it can tell whose it is.
//
// Job: write and check a pattern made from a record's number over the object's first and last bytes. Any context.
// Accesses are relaxed atomics, since a reader may legally look at an object that `free` has already given to somebody
// else: that race is the user's own, and no sanitizer should report it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rcufarm::harness {

// Bytes at either end of an object that carry the stamp; the rest of a large object is left alone.
inline constexpr std::size_t stamp_end_bytes_max = 256;

void write_stamp(void* object, std::size_t bytes, std::uint32_t number);

// `missing`: another stamp or other bytes. `poisoned`: what the slab writes over freed memory.
enum class StampCheck : std::uint8_t { intact, missing, poisoned };

// `poison` is the byte that the slab fills freed memory with; no stamp contains it.
StampCheck check_stamp(const void* object, std::size_t bytes, std::uint32_t number, std::uint8_t poison);

}  // namespace rcufarm::harness
