// Replay: a schedule, again.
//
// Job: follow a list of deviations as schedule.h says. One run; the same each time. The empty schedule is the plain order.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/schedule.h"
#include "sim/strategy.h"

namespace rcufarm::sim {

class ReplayStrategy final : public Strategy {
 public:
  ReplayStrategy() { follow({}); }
  explicit ReplayStrategy(std::span<const Deviation> deviations) { follow(deviations); }

  // Another list, for the next run.
  void follow(std::span<const Deviation> deviations);
  // Entries of the last run that fitted.
  std::size_t used() const { return used_; }

  const char* name() const override { return "replay"; }
  bool begin_run(std::uint64_t) override;
  Choice choose(const Situation& s) override;
  bool fail_allocation(const Situation& s) override;
  unsigned choose_load(const Situation& s, unsigned candidates) override;

 private:
  // The next entry of the context whose turn it is, those that were passed being dropped; null: none.
  const Deviation* next_for(const Situation& s);

  std::vector<Deviation> entries_;  // of one context after the other, each in order
  std::array<std::uint32_t, context_count + 1> first_{};
  std::array<std::uint32_t, context_count> cursor_{};
  std::size_t used_ = 0;
};

}  // namespace rcufarm::sim
