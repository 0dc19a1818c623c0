// Job: see strategy_random.h.
#include "machine/search/strategy_random.h"

namespace rcufarm::sim {

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
  std::uint32_t quiet = 0;
  while (random_.below(std::uint64_t{of_stay} * count) < stay_ * count + (of_stay - stay_)) ++quiet;
  return {next, quiet};
}

}  // namespace rcufarm::sim
