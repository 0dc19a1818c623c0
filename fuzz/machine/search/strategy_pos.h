// POS: partial-order sampling.
//
// Job: give each operation that is about to happen a random priority, do the one with the highest, and draw again for those
// that conflict with it (one word, one of the two writes). Orders of independent operations, which nobody can tell apart,
// take no share of the luck: so it spreads over partial orders far better than a random walk.
// Source: Yuan, Yang and Gu, "Partial order aware concurrency sampling", CAV 2018.
#pragma once

#include <array>

#include "machine/engine/strategy.h"
#include "machine/search/random.h"
#include "machine/search/random_options.h"

namespace rcufarm::sim {

class PosStrategy final : public Strategy {
 public:
  explicit PosStrategy(std::uint64_t seed, Odds odds = {}) : seed_(seed), odds_(odds), random_(seed, 0) {}

  const char* name() const override { return "pos"; }
  bool begin_run(std::uint64_t run) override;
  Choice choose(const Situation& s) override;
  unsigned choose(const Options& options) override { return random_option(random_, odds_, options); }
  bool watches_operations() const override { return true; }
  void before(ContextId id, const Pending& operation) override;

 private:
  std::uint64_t seed_;
  Odds odds_;
  Random random_;
  // Of the pending operation of each context; 0: not drawn yet.
  std::array<std::uint64_t, context_count> priority_{};
  // What happened since the last choice: who of the candidates is in conflict is asked then.
  struct Done {
    const void* address;
    bool writes;
  };
  std::array<Done, 16> done_{};
  unsigned done_count_ = 0;
};

}  // namespace rcufarm::sim
