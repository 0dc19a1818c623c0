// Near a schedule: itself, then its neighbours.
//
// Job: the strategy of who asks again what one schedule has shown: of another build, another memory model, or with another
// check. Its first run follows the schedule, each later one a neighbour of it (perturb.h), for ever. Runs are begun in order.
#pragma once

#include <span>
#include <vector>

#include "machine/engine/schedule.h"
#include "machine/engine/strategy.h"
#include "machine/search/random.h"
#include "machine/search/strategy_replay.h"

namespace rcufarm::harness {

class NearStrategy final : public sim::Strategy {
 public:
  NearStrategy(std::span<const sim::Deviation> deviations, std::uint64_t seed)
      : own_(deviations.begin(), deviations.end()), random_(seed, deviations.size()) {}

  const char* name() const override { return "near"; }
  bool begin_run(std::uint64_t run) override;
  sim::Choice choose(const sim::Situation& situation) override { return replay_.choose(situation); }
  unsigned choose(const sim::Options& options) override { return replay_.choose(options); }

 private:
  std::vector<sim::Deviation> own_;
  std::vector<sim::Deviation> neighbour_;
  sim::Random random_;
  sim::ReplayStrategy replay_;
};

}  // namespace rcufarm::harness
