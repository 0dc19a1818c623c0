// What the slab rounds sizes up to.
#pragma once

#include <bit>
#include <cstddef>

#include "native/slab_config.h"

namespace rcufarm::native {

// In bytes; at most twice `bytes`, or 16 more than the next multiple of 16.
constexpr std::size_t round_up(std::size_t bytes, Rounding rounding) noexcept {
  switch (rounding) {
    case Rounding::exact: return bytes;
    case Rounding::kmalloc_buckets:
      if (bytes <= 8) return 8;
      if (bytes > 64 && bytes <= 96) return 96;
      if (bytes > 128 && bytes <= 192) return 192;
      return std::bit_ceil(bytes);
    case Rounding::sixteen_more: return (bytes + 15) / 16 * 16 + 16;
  }
  return bytes;
}

}  // namespace rcufarm::native
