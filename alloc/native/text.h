// Text of bounded length, put together without allocating.
//
// Job: what reports are made of. Usable in a signal handler, unlike stdio.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "native/limits.h"

namespace rcufarm::native {

class Text {
 public:
  Text& operator<<(std::string_view text) noexcept {
    for (const char c : text) put(c);
    return *this;
  }
  Text& operator<<(const Text& text) noexcept { return *this << text.view(); }
  Text& operator<<(const char* text) noexcept { return *this << std::string_view(text == nullptr ? "(null)" : text); }
  Text& operator<<(std::unsigned_integral auto number) noexcept { return digits(number, 10); }
  Text& operator<<(const void* address) noexcept {
    *this << "0x";
    return digits(reinterpret_cast<std::uintptr_t>(address), 16);
  }

  // Ends with a zero byte; what did not fit is cut off.
  const char* c_str() const noexcept { return bytes_.data(); }
  std::string_view view() const noexcept { return {bytes_.data(), size_}; }

 private:
  void put(char c) noexcept {
    if (size_ + 1 < bytes_.size()) bytes_[size_++] = c;
  }
  Text& digits(std::uint64_t number, unsigned base) noexcept {
    std::array<char, 20> reversed{};
    std::size_t count = 0;
    do {
      reversed[count++] = "0123456789abcdef"[number % base];
      number /= base;
    } while (number != 0);
    while (count > 0) put(reversed[--count]);
    return *this;
  }

  std::array<char, limits::report_bytes_max> bytes_{};  // all zero behind size_
  std::size_t size_ = 0;
};

}  // namespace rcufarm::native
