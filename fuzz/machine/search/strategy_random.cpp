// Job: see strategy_random.h.
#include "machine/search/strategy_random.h"

#include <algorithm>

namespace rcufarm::sim {

RandomStrategy::RandomStrategy(std::uint64_t seed, unsigned stay, Odds odds)
    : seed_(seed), stay_(stay), odds_(odds), random_(seed, 0) {}

// Of one alone: it goes on, and nobody draws for how long.
void RandomStrategy::make_quiet(unsigned count) {
  quiet_[count] = std::make_unique<const RunLength>(stay_ * count + (of_stay - stay_), of_stay * count);
}

bool RandomStrategy::begin_run(std::uint64_t run) {
  random_ = Random(seed_, run);
  ahead.clear();
  reach_ = 0;
  return true;
}

Choice RandomStrategy::choose(const Situation& s) {
  const unsigned count = s.candidates.count();
  // Two numbers in one: who comes, and for how long.
  const std::uint64_t drawn = random_.next();
  ContextId next = s.current;
  if (s.quiet_is_over && s.current_can_go_on) {
    // It was drawn for how long the current context goes on, and that is over: another one comes.
    next = member_by(low_half(drawn), s.candidates - ContextSet(s.current), count - 1);
  } else if (stay_ == 0 || !s.current_can_go_on || random_.below(of_stay) >= stay_) {
    next = member_by(low_half(drawn), s.candidates, count);
  }
  if (quiet_[count] == nullptr) [[unlikely]]
    make_quiet(count);
  // At each point it would go on with this chance, as long as nobody comes or goes; and then all is as if it began here.
  const RunLength& quiet = *quiet_[count];
  const Choice choice(next, quiet.draw(high_half(drawn), random_));
  draw_ahead(next, s.candidates, count, quiet);
  return choice;
}

void RandomStrategy::draw_ahead(ContextId current, const ContextSet& candidates, unsigned count,
                                const RunLength& quiet) {
  if (!ahead.is_empty()) reach_ = 0;
  ahead.clear();
  for (unsigned i = 0; i < reach_; ++i) {
    const std::uint64_t drawn = random_.next();
    current = member_by(low_half(drawn), candidates - ContextSet(current), count - 1);
    ahead.add({current, quiet.draw(high_half(drawn), random_)});
  }
  reach_ = std::min(2 * reach_ + 1, ChoicesAhead::room);
}

}  // namespace rcufarm::sim
