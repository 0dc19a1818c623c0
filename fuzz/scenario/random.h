// Random: a seeded generator for scenarios and mutations.
//
// Job: the same seed gives the same numbers on every machine. xoshiro256** (Blackman and Vigna, 2018), whose state is
// filled by splitmix64, so that neighbouring seeds (engines count theirs up) give unrelated streams. Owned by the caller;
// not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "scenario/check.h"

namespace rcufarm::scenario {

class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {
      seed += 0x9e3779b97f4a7c15U;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
      z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
      word = z ^ (z >> 31U);
    }
  }

  std::uint64_t next() {
    const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  // Uniform in 0 … bound - 1: what would favour small results is thrown away.
  std::uint64_t below(std::uint64_t bound) {
    check(bound > 0, "Random::below: the bound is 0");
    const std::uint64_t uneven = (0 - bound) % bound;
    for (;;) {
      const std::uint64_t value = next();
      if (value >= uneven) return value % bound;
    }
  }
  // Uniform in min … max.
  unsigned between(unsigned min, unsigned max) {
    check(min <= max, "Random::between: an empty range");
    return min + static_cast<unsigned>(below(std::uint64_t{max} - min + 1));
  }
  bool one_in(unsigned n) { return below(n) == 0; }
  // 1 half of the time, 2 a quarter of the time, …, at most max.
  unsigned few(unsigned max) {
    unsigned n = 1;
    while (n < max && one_in(2)) ++n;
    return n;
  }

 private:
  static std::uint64_t rotate(std::uint64_t x, unsigned by) { return (x << by) | (x >> (64U - by)); }

  std::array<std::uint64_t, 4> state_{};
};

}  // namespace rcufarm::scenario
