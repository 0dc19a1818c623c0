// Job: see strategy_random.h.
#include "machine/search/strategy_random.h"

namespace rcufarm::sim {

bool RandomStrategy::begin_run(std::uint64_t run) {
  random_ = Random(seed_, run);
  return true;
}

Choice RandomStrategy::choose(const Situation& s) {
  if (stay_ != 0 && s.current_can_go_on && random_.below(256) < stay_) return {s.current, 0};
  return {random_member(random_, s.candidates), 0};
}

}  // namespace rcufarm::sim
