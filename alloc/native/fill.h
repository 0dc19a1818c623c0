// What the slab fills memory with, to see later whether it was written to.
//
// Job: the patterns, and comparing with them. Comparing reads memory that sanitizers have been told nobody may touch.
#pragma once

#include <cstddef>

#include "native/asan.h"

namespace rcufarm::native::fill {

inline constexpr unsigned char fresh = 0x5a;    // handed out, not yet written
inline constexpr unsigned char freed = 0x6b;    // nobody's
inline constexpr unsigned char outside = 0xa5;  // behind an object's last byte

inline constexpr std::size_t tail_bytes = 8;  // of `outside` behind the rounded size
inline constexpr std::size_t gap_bytes = 16;  // of `outside` at least behind each per-CPU instance

// Where the first byte that is not `pattern` is; `bytes` if all are.
std::size_t first_difference(const void* begin, std::size_t bytes, unsigned char pattern) noexcept;

}  // namespace rcufarm::native::fill
