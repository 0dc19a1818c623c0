// Random numbers for strategies.
//
// Job: a good generator, seeded through a hash. Runs that are numbered 0, 1, 2, … must not get related sequences: a linear
// generator that is reseeded with a counter can miss for ever what it should hit once in a hundred.
// Sources: Blackman and Vigna, "Scrambled linear pseudorandom number generators" (xoshiro256**); Steele, Lea and Flood,
// "Fast splittable pseudorandom number generators" (the mixing function). Plain value; no shared state.
#pragma once

#include <bit>
#include <cstdint>

namespace rcufarm::sim {

// A bijection that leaves no trace of a counter.
constexpr std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ x >> 30U) * 0xbf58476d1ce4e5b9U;
  x = (x ^ x >> 27U) * 0x94d049bb133111ebU;
  return x ^ x >> 31U;
}

// Of one number that is drawn, two that know nothing of each other.
constexpr std::uint32_t low_half(std::uint64_t drawn) { return static_cast<std::uint32_t>(drawn); }
constexpr std::uint32_t high_half(std::uint64_t drawn) { return static_cast<std::uint32_t>(drawn >> 32U); }

class Random {
 public:
  // The same for the same three numbers, and unrelated for any others.
  Random(std::uint64_t seed, std::uint64_t run, std::uint64_t stream = 0) {
    std::uint64_t x = mixed(mixed(mixed(seed) ^ run) ^ stream);
    for (std::uint64_t& s : state_) s = x = mixed(x);
  }

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }
  // Uniform in 0 … bound - 1, bound at most 2^32. (The bias is below bound / 2^32.)
  std::uint64_t below(std::uint64_t bound) { return (next() >> 32U) * bound >> 32U; }

 private:
  std::uint64_t state_[4];
};

}  // namespace rcufarm::sim
