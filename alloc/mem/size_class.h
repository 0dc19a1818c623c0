// Size classes: which of the eleven caches serves a size.
//
// Job: the table of the seed's base (16 … 4096 with 96 and 192 between the powers of two). Pure, no state.
// A class size counts the whole object, its header word included.
#pragma once

#include <bit>
#include <cstddef>

namespace rcufarm::mem {

inline constexpr std::size_t size_classes[] = {16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096};
inline constexpr int size_class_count = static_cast<int>(sizeof(size_classes) / sizeof(size_classes[0]));
inline constexpr std::size_t size_class_max = size_classes[size_class_count - 1];

namespace detail {
// Up to 192 the classes are no powers of two: one entry for every 16 bytes.
struct SmallClasses {
  signed char of[192 / 16] = {};
  constexpr SmallClasses() {
    int index = 0;
    for (std::size_t step = 0; step < sizeof(of); ++step) {
      while (size_classes[index] < (step + 1) * 16) ++index;
      of[step] = static_cast<signed char>(index);
    }
  }
};
inline constexpr SmallClasses small_classes;
inline constexpr int class_of_256 = 6;
static_assert(size_classes[class_of_256] == 256);
}  // namespace detail

// The index of the smallest class that holds `bytes` (header included), or -1 for 0 and for more than the largest class.
constexpr int size_class_index(std::size_t bytes) {
  if (bytes - 1 < 192) return detail::small_classes.of[(bytes - 1) / 16];
  if (bytes == 0 || bytes > size_class_max) return -1;
  return detail::class_of_256 + static_cast<int>(std::bit_width(bytes - 1)) - 8;
}

static_assert(size_class_index(0) == -1 && size_class_index(1) == 0 && size_class_index(4097) == -1);
static_assert(size_class_index(65) == 3 && size_class_index(96) == 3 && size_class_index(97) == 4);
static_assert(size_class_index(192) == 5 && size_class_index(193) == 6 && size_class_index(257) == 7);
static_assert(size_class_index(4096) == size_class_count - 1);

}  // namespace rcufarm::mem
