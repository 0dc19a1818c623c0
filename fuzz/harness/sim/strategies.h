// The strategies that share the time of an exploration.
//
// Job: hand out, batch by batch, the strategy that has had the fewest scheduling points for its weight. A batch is some
// runs of one scenario in a row, since a strategy learns from run to run how long the program is. One explorer owns it.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "machine/engine/schedule.h"
#include "machine/engine/strategy.h"

namespace rcufarm::harness {

enum class StrategyKind : std::uint8_t { portfolio, random_walk, pct, partial_order, surw, exhaustive, dpor };
const char* name_of(StrategyKind kind);
bool strategy_named(std::string_view name, StrategyKind& kind);

// Runs of one batch, if nobody wants another number: as many as SURW has for one profile. Batches begin at multiples of it,
// so that each has a profile of its own.
inline constexpr unsigned batch_runs = 16;

class Strategies {
 public:
  // Neither StrategyKind::exhaustive nor ::dpor: they are no endless supply. With `near`, half of the points go to that schedule
  // and its neighbours, and these begin.
  Strategies(StrategyKind kind, std::uint64_t seed, unsigned runs = batch_runs, const sim::Schedule* near = nullptr);

  // The strategy of the next batch; the caller asks it to begin runs first_run() … first_run() + runs - 1.
  sim::Strategy& next();
  std::uint64_t first_run() const { return members_[current_].runs; }
  // Is it the one near a schedule? It has to be asked at all points: that schedule departs from the plain order at any.
  bool is_near() const { return has_near_ && current_ == 0; }
  // The batch is over.
  void done(std::uint64_t points);

 private:
  struct Member {
    std::unique_ptr<sim::Strategy> strategy;
    unsigned weight;
    std::uint64_t runs = 0;
    std::uint64_t points = 0;
  };
  void add(std::unique_ptr<sim::Strategy> strategy, unsigned weight);
  void add_random(std::uint64_t seed);
  void add_pct(std::uint64_t seed);

  std::vector<Member> members_;  // the one near a schedule first, if there is one
  bool has_near_;
  std::size_t current_ = 0;
  std::uint64_t step_;  // from a batch's first run to the next one's
};

}  // namespace rcufarm::harness
