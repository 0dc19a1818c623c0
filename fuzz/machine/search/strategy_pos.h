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
  bool before(ContextId id, const Pending& operation) override;

 private:
  std::uint64_t seed_;
  Odds odds_;
  Random random_;
  std::uint32_t draw_quiet(std::uint64_t highest_other);

  // Of the pending operation of each context; 0: not drawn yet.
  std::array<std::uint64_t, context_count> priority_{};
  // Nobody is asked at each point: the priorities of the chosen one's next operations are drawn at once, up to the first that is no longer
  // the highest. Where something comes between (others can go on, or an operation conflicts with one of theirs), they are drawn
  // anew: what was drawn and not used decided nothing.
  static constexpr std::uint32_t drawn_max = 32;
  ContextId chosen_ = idle_context;
  std::uint64_t drawn_ = 0;  // of the operation that it comes to then; 0: it has to be drawn
  // The others that could go on, and would do something with a word.
  struct Other {
    ContextId context;
    Pending pending;
  };
  std::array<Other, context_count> others_;
  unsigned other_count_ = 0;
  ContextSet
      looked_after_;  // all that could go on, as long as only the chosen one has run: no more of `done_` is in conflict with them
  // What happened since the last choice: who of the candidates is in conflict is asked then.
  struct Done {
    const void* address;
    bool writes;
  };
  static bool conflicts(const Done& done, const Pending& pending) {
    return done.address == pending.address && (done.writes || pending.writes);
  }
  std::array<Done, 16> done_{};
  unsigned done_count_ = 0;
};

}  // namespace rcufarm::sim
