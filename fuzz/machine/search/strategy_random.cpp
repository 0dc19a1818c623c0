// Job: see strategy_random.h.
#include "machine/search/strategy_random.h"

namespace rcufarm::sim {

RandomStrategy::RandomStrategy(std::uint64_t seed, unsigned stay, Odds odds)
    : seed_(seed), stay_(stay), odds_(odds), random_(seed, 0) {}

// Of one alone: it goes on, and nobody draws for how long.
inline const RunLength& RandomStrategy::quiet_of(unsigned count) {
  RunLength& quiet = quiet_[count];
  if (!quiet.is_made()) [[unlikely]]
    quiet = RunLength(stay_ * count + (of_stay - stay_), of_stay * count);
  return quiet;
}

bool RandomStrategy::begin_run(std::uint64_t run) {
  random_ = Random(seed_, run);
  return true;
}

Choice RandomStrategy::choose(const Situation& s) {
  // It was drawn for how long the current context goes on, and that is over: another one comes.
  const bool leaves = s.quiet_is_over && s.current_can_go_on;
  ContextId next = s.current;
  if (leaves) {
    next = random_member(random_, s.candidates - ContextSet(s.current));
  } else if (stay_ == 0 || !s.current_can_go_on || random_.below(of_stay) >= stay_) {
    next = random_member(random_, s.candidates);
  }
  // At each point it would go on with this chance, as long as nobody comes or goes; and then all is as if it began here.
  const unsigned count = s.candidates.count();
  return {next, quiet_of(count).draw(random_)};
}

}  // namespace rcufarm::sim
