// How often in a row something happens that has the same chance each time.
//
// Job: draw the number at once, instead of asking each time: a random walk that stays where it is for thirty points draws one
// number, not thirty. The numbers are the same on every machine: integers only. Made once, and then read only.
// Sources: inversion (Devroye, "Non-uniform random variate generation", 1986, chapter X.2): with a uniform U below 1, U < p^n has
// the chance of n in a row; and a guide table to where n lies (Chen and Asau, 1974; the same book, chapter III.2.4): a search would
// have a branch or two that nobody can guess.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "machine/search/random.h"

namespace rcufarm::sim {

class RunLength {
 public:
  // A chance of share / of, below 1; `of` is at most 2^16.
  RunLength(std::uint32_t share, std::uint32_t of) {
    const std::uint64_t chance = (std::uint64_t{share} << 32U) / of;
    for (std::uint64_t power = chance; power != 0 && power_.size() < piece_max; power = power * chance >> 32U) {
      power_.push_back(static_cast<std::uint32_t>(power));
    }
    power_.push_back(0);
    std::uint16_t n = 0;
    for (std::size_t part = guide_.size(); part-- > 0;) {
      const auto greatest = static_cast<std::uint32_t>(((part + 1) << part_shift) - 1);
      while (greatest < power_[n]) ++n;
      guide_[part] = n;
    }
  }

  std::uint32_t draw(Random& random) const { return draw(static_cast<std::uint32_t>(random.next() >> 32U), random); }
  // With a number that was drawn before. As good as always no other one is needed.
  std::uint32_t draw(std::uint32_t uniform, Random& random) const {
    const std::uint32_t piece = draw_piece(uniform);
    return piece < piece_max ? piece : piece + draw(random);
  }

 private:
  static constexpr std::uint32_t piece_max = 511;
  static constexpr unsigned part_shift = 24;

  // The largest n with uniform < p^n.
  std::uint32_t draw_piece(std::uint32_t uniform) const {
    std::uint32_t n = guide_[uniform >> part_shift];
    while (uniform < power_[n]) ++n;
    return n;
  }

  // p^1, p^2, p^3, ... in 1/2^32, and a zero behind them.
  std::vector<std::uint32_t> power_;
  // The least n of each 256th of all uniform numbers.
  std::array<std::uint16_t, 256> guide_{};
};

}  // namespace rcufarm::sim
