// PCT: priorities, and a few moments at which one drops.
//
// Job: run the context of the highest priority, always; priorities are random, and at depth - 1 random steps the running
// context's becomes the lowest so far. A bug that needs d ordered events is hit with probability of at least
// 1 / (n k^(d-1)) in each run of n contexts and k steps; k is taken from the runs before. A context that yields drops below
// all others: otherwise one that waits in a loop for another would keep it from ever running.
// Source: Burckhardt, Kothari, Musuvathi and Nagarakatte, "A randomized scheduler with probabilistic guarantees of finding
// bugs", ASPLOS 2010.
#pragma once

#include <array>

#include "machine/engine/strategy.h"
#include "machine/search/random.h"
#include "machine/search/random_options.h"

namespace rcufarm::sim {

class PctStrategy final : public Strategy {
 public:
  static constexpr unsigned depth_max = 5;

  PctStrategy(std::uint64_t seed, unsigned depth, Odds odds = {});

  const char* name() const override;
  bool begin_run(std::uint64_t run) override;
  Choice choose(const Situation& s) override;
  unsigned choose(const Options& options) override { return random_option(random_, odds_, options); }
  void end_run(std::uint64_t steps, End end) override;

 private:
  ContextId highest(const ContextSet& candidates) const;

  std::uint64_t seed_;
  unsigned depth_;
  Odds odds_;
  Random random_;
  double length_ = 64;  // of a run, in steps: a mean that forgets slowly
  // Larger is more important. The first ones are random and far above those that dropped.
  std::array<std::uint64_t, context_count> priority_{};
  std::uint64_t lowest_ = 0;
  std::array<std::uint64_t, depth_max> drops_{};  // steps, ascending
  unsigned drop_count_ = 0;
  unsigned dropped_ = 0;
};

}  // namespace rcufarm::sim
