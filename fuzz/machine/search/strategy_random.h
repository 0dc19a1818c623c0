// Random walk: at each point, each context that can go on is as likely as any other.
//
// Job: the plainest strategy, and the yardstick for the others. It finds what needs few contexts at about the same place,
// and hardly ever lets one wait for long. With `stay` above 0 the current context keeps going with that share of the
// cases (in 1/256), so that runs look more like those of a real machine. How long a context goes on is drawn at once, not
// asked for at each point: the chances are the same.
// Source: none; the base line in all the papers that the other strategies name.
#pragma once

#include <array>
#include <memory>

#include "machine/engine/strategy.h"
#include "machine/search/random.h"
#include "machine/search/random_options.h"
#include "machine/search/run_length.h"

namespace rcufarm::sim {

class RandomStrategy final : public Strategy {
 public:
  explicit RandomStrategy(std::uint64_t seed, unsigned stay = 0, Odds odds = {});

  const char* name() const override { return stay_ == 0 ? "random" : "random-sticky"; }
  bool begin_run(std::uint64_t run) override;
  Choice choose(const Situation& s) override;
  unsigned choose(const Options& options) override { return random_option(random_, odds_, options); }

 private:
  static constexpr unsigned of_stay = 256;

  std::uint64_t seed_;
  unsigned stay_;
  Odds odds_;
  Random random_;
  void make_quiet(unsigned count);
  void draw_ahead(ContextId current, const ContextSet& candidates, unsigned count, const RunLength& quiet);
  // How many choices the next answer is followed by: twice as many each time that all were taken. Where somebody comes or goes all the
  // time, they would be drawn for nothing.
  unsigned reach_ = 0;
  // By how many could go on; each is made when it is wanted.
  std::array<std::unique_ptr<const RunLength>, context_count + 1> quiet_;
};

}  // namespace rcufarm::sim
