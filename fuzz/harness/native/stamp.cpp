#include "harness/native/stamp.h"

#include <algorithm>

#include "native/fill.h"

namespace rcufarm::harness {

namespace {

// The byte of a stamp at an offset: a well-mixed word for every eight bytes (the finaliser of splitmix64). Never poison:
// a one-byte object that `free` has handed on would look like freed memory in one of 256 cases.
std::uint8_t stamp_byte(std::uint32_t number, std::size_t offset) {
  std::uint64_t x = (static_cast<std::uint64_t>(number) << 32 | offset / 8) + 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  x ^= x >> 31;
  const auto byte = static_cast<std::uint8_t>(x >> (offset % 8 * 8));
  return byte == native::fill::freed ? static_cast<std::uint8_t>(~byte) : byte;
}

// Calls visit(offset) for each stamped byte until it says stop (false).
template <class Visit>
void for_stamped_bytes(std::size_t bytes, Visit visit) {
  const std::size_t head_end = std::min(bytes, stamp_end_bytes_max);
  const std::size_t tail_begin = std::max(head_end, bytes - std::min(bytes, stamp_end_bytes_max));
  for (std::size_t i = 0; i < head_end; ++i) {
    if (!visit(i)) return;
  }
  for (std::size_t i = tail_begin; i < bytes; ++i) {
    if (!visit(i)) return;
  }
}

}  // namespace

void write_stamp(void* object, std::size_t bytes, std::uint32_t number) {
  auto* at = static_cast<std::uint8_t*>(object);
  for_stamped_bytes(bytes, [&](std::size_t i) {
    __atomic_store_n(at + i, stamp_byte(number, i), __ATOMIC_RELAXED);
    return true;
  });
}

StampCheck check_stamp(const void* object, std::size_t bytes, std::uint32_t number, std::uint8_t poison) {
  const auto* at = static_cast<const std::uint8_t*>(object);
  bool intact = true;
  bool all_poison = true;
  for_stamped_bytes(bytes, [&](std::size_t i) {
    const std::uint8_t found = __atomic_load_n(at + i, __ATOMIC_RELAXED);
    intact = intact && found == stamp_byte(number, i);
    all_poison = all_poison && found == poison;
    return intact || all_poison;
  });
  if (intact) return StampCheck::intact;
  return all_poison ? StampCheck::poisoned : StampCheck::missing;
}

}  // namespace rcufarm::harness
