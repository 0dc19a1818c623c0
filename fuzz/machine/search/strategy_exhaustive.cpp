// Job: see strategy_exhaustive.h.
#include "machine/search/strategy_exhaustive.h"

#include "machine/engine/check.h"

namespace rcufarm::sim {

ExhaustiveStrategy::ExhaustiveStrategy(unsigned preemptions_max) : preemptions_max_(preemptions_max) {
  frames_.reserve(1024);
}

bool ExhaustiveStrategy::begin_run(std::uint64_t) {
  if (complete_) return false;
  if (begun_) {
    // The deepest choice that has an option left takes it; all below it is new ground.
    while (!frames_.empty() && frames_.back().taken + 1 == frames_.back().count) frames_.pop_back();
    if (frames_.empty()) {
      complete_ = true;
      return false;
    }
    ++frames_.back().taken;
  }
  begun_ = true;
  depth_ = 0;
  preemptions_ = 0;
  return true;
}

unsigned ExhaustiveStrategy::next_option(const Asked& asked, bool costs) {
  if (depth_ == frames_.size()) {
    check(depth_ < depth_max, "exhaustive search: a run with more than a million choices. Bound the program");
    const bool spent = costs && preemptions_ == preemptions_max_;
    frames_.push_back({.count = spent ? 1 : asked.options, .costs = costs, .asked = asked});
  }
  const Frame& frame = frames_[depth_++];
  check(frame.asked == asked, "exhaustive search: the program did something else than the last time");
  if (frame.costs && frame.taken != 0) ++preemptions_;
  return frame.taken;
}

// The plain order's next one, and then the others by number.
Choice ExhaustiveStrategy::choose(const Situation& s) {
  const ContextId plain = default_next(s);
  const unsigned option = next_option({DecisionKind::run, s.candidates.count(), s.candidates}, s.current_can_go_on);
  if (option == 0) return {plain, 0};
  const ContextSet others = s.candidates - ContextSet(plain);
  return {others.nth(option - 1, others.count()), 0};
}

unsigned ExhaustiveStrategy::choose(const Options& options) {
  return next_option({decision_for(options.kind), options.count, {}}, true);
}

void ExhaustiveStrategy::end_run(std::uint64_t, End end) { ++(end == End::given_up ? given_up_ : schedules_); }

std::string ExhaustiveStrategy::summary() const {
  return std::to_string(schedules_) + " schedules with at most " + std::to_string(preemptions_max_) +
         " preemptions: " + (complete_ ? "all of them" : "there are more") +
         (given_up_ == 0 ? "" : ", but for " + std::to_string(given_up_) + " that were given up");
}

}  // namespace rcufarm::sim
