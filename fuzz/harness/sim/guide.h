// The guide: which scenarios are worth a change.
//
// Job: most pairs of store and load are met in most runs; a bug is where a search hardly ever comes. For each pair that few runs
// reach it keeps the shortest scenario that reached it, and makes small changes of those whose turn has come least often. It owns
// the map of pairs that the machine fills, of one run at a time. One thread; the same runs give the same scenarios.
// Source: energy by rarity is of Lemieux and Sen, "FairFuzz", ASE 2018; pairs of store and load as what a run is judged by, of Wolff,
// Shi, Duck, Mathur and Roychoudhury, "Greybox fuzzing for concurrency testing", ASPLOS 2024.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "harness/sim/draw.h"
#include "machine/engine/zero_pages.h"

namespace rcufarm::harness {

// Places for pairs of stores and loads: many more than there are pairs, so that few share one.
inline constexpr std::size_t reads_from_places = std::size_t{1} << 15U;

// A set of them, and its numbers in the order in which they came, for Machine::set_reads_from_set().
struct ReadsFromSet {
  static constexpr std::size_t words = reads_from_places / 64;
  sim::ZeroPages<std::uint64_t> set = sim::zero_pages<std::uint64_t>(words);
  sim::ZeroPages<std::uint32_t> numbers = sim::zero_pages<std::uint32_t>(reads_from_places + 1);

  // The first `count` of them.
  std::span<const std::uint32_t> first(std::uint64_t count) const { return {numbers.get(), count}; }
};

class Guide {
 public:
  Guide();

  // What the next run meets: an empty set.
  ReadsFromSet& met() { return met_; }
  // `pairs`: as many were met. `may_be_kept`: no, if it found something: its changes would find that again. True: it reached a pair that none before it did.
  bool run_ends(const DrawnScenario& drawn, std::uint64_t points, std::uint64_t pairs, bool may_be_kept);

  // A change of a scenario that was kept; of the same length at most. False: a random one is due.
  bool draw(std::uint64_t seed, DrawnScenario& drawn);

  // Places of the pairs that were reached.
  std::span<const std::uint32_t> known() const { return known_; }

 private:
  struct Kept {
    DrawnScenario drawn;
    std::uint64_t points;
  };
  struct Pair {
    std::uint64_t runs = 0;   // that reached it
    std::uint64_t turns = 0;  // of its scenario
    std::shared_ptr<const Kept> shortest;
  };
  bool is_rare(const Pair& pair) const;

  ReadsFromSet met_;
  std::vector<Pair> pairs_;            // in the order of known_
  std::vector<std::uint16_t> number_;  // by place: that of its pair, from 1
  static_assert(reads_from_places <= UINT16_MAX);
  std::vector<std::uint32_t> known_;
  std::vector<Pair*> rare_;  // room for draw()
  std::uint64_t runs_ = 0;
};

}  // namespace rcufarm::harness
