// Exhaustive: every schedule with at most so many preemptions.
//
// Job: depth-first search over the choices. A preemption is a choice against a context that could go on, and any option but
// the plain one of another choice (choice.h: an allocation that is made to fail, a load that reads an older store); choices
// where the current context blocks, yields or ends are free, and all of them are tried.
// Nothing is left out: there is no reduction, since sleep sets are unsound together with a plain bound on preemptions. The
// order is fixed, so two searches count the same number.
// Source: Musuvathi and Qadeer, "Iterative context bounding for systematic testing of multithreaded programs", PLDI 2007.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "machine/engine/schedule.h"
#include "machine/engine/strategy.h"

namespace rcufarm::sim {

class ExhaustiveStrategy final : public Strategy {
 public:
  explicit ExhaustiveStrategy(unsigned preemptions_max);

  const char* name() const override { return "exhaustive"; }
  // False when all schedules were run.
  bool begin_run(std::uint64_t run) override;
  Choice choose(const Situation& s) override;
  unsigned choose(const Options& options) override;
  void end_run(std::uint64_t steps, End end) override;

  std::uint64_t schedules() const { return schedules_; }
  // Of those that were begun: runs that somebody who searches with this one gave up. Their rests are not searched.
  std::uint64_t given_up() const { return given_up_; }
  bool complete() const { return complete_; }
  // "20 schedules with at most 2 preemptions: all of them", or how far it came.
  std::string summary() const;

 private:
  static constexpr std::size_t depth_max = std::size_t{1} << 20U;
  struct Asked {
    DecisionKind kind{};  // what an option other than the plain one amounts to; run: who goes on
    std::uint32_t options = 0;
    ContextSet candidates;
    bool operator==(const Asked&) const = default;
  };
  // One choice. Its options are tried in turn, the plain one (0) first.
  struct Frame {
    std::uint32_t taken = 0;
    std::uint32_t count = 0;  // those that are to be tried: all, or the plain one alone
    bool costs = false;       // options other than the plain one are preemptions
    // To see that a program does the same each time.
    Asked asked;
  };

  unsigned next_option(const Asked& asked, bool costs);

  unsigned preemptions_max_;
  std::vector<Frame> frames_;
  std::size_t depth_ = 0;
  unsigned preemptions_ = 0;
  std::uint64_t schedules_ = 0;
  std::uint64_t given_up_ = 0;
  bool begun_ = false;
  bool complete_ = false;
};

}  // namespace rcufarm::sim
