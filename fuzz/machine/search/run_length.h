// How often in a row something happens that has the same chance each time.
//
// Job: draw the number at once, instead of asking each time: a random walk that stays where it is for thirty points draws one
// number, not thirty. The numbers are the same on every machine: integers only. Plain value.
// Source: inversion (Devroye, "Non-uniform random variate generation", 1986, chapter X.2): with a uniform U below 1, U < p^n has
// the chance of n in a row.
#pragma once

#include <array>
#include <cstdint>

#include "machine/search/random.h"

namespace rcufarm::sim {

class RunLength {
 public:
  RunLength() = default;
  // A chance of share / of, below 1; `of` is at most 2^16.
  RunLength(std::uint32_t share, std::uint32_t of) {
    power_[0] = (std::uint64_t{share} << 32U) / of;
    for (unsigned i = 1; i < doublings; ++i) power_[i] = product(power_[i - 1], power_[i - 1]);
  }

  std::uint32_t draw(Random& random) const {
    std::uint32_t length = 0;
    // As good as always the first is the last.
    for (;;) {
      const std::uint32_t piece = draw_piece(random.next() >> 32U);
      length += piece;
      if (piece < piece_max) return length;
    }
  }

 private:
  static constexpr unsigned doublings = 9;
  static constexpr std::uint32_t piece_max = (1U << doublings) - 1;

  static std::uint64_t product(std::uint64_t a, std::uint64_t b) { return a * b >> 32U; }

  std::uint32_t draw_piece(std::uint64_t uniform) const {
    // The largest n with uniform < p^n: first how many bits it has, then which.
    unsigned bits = 0;
    while (bits < doublings && uniform < power_[bits]) ++bits;
    std::uint32_t n = 0;
    std::uint64_t chance = std::uint64_t{1} << 32U;
    for (unsigned i = bits; i-- > 0;) {
      const std::uint64_t next = product(chance, power_[i]);
      const bool reaches = uniform < next;
      n += reaches ? 1U << i : 0U;
      chance = reaches ? next : chance;
    }
    return n;
  }

  // p^1, p^2, p^4, ... in 1/2^32.
  std::array<std::uint64_t, doublings> power_{};
};

}  // namespace rcufarm::sim
