// Job: see strategy_exhaustive.h.
#include "sim/strategy_exhaustive.h"

#include "sim/check.h"

namespace rcufarm::sim {

ExhaustiveStrategy::ExhaustiveStrategy(unsigned preemptions_max) : preemptions_max_(preemptions_max) {
  frames_.reserve(1024);
}

bool ExhaustiveStrategy::begin_run(std::uint64_t) {
  if (complete_) return false;
  if (begun_) {
    // The deepest choice that has an option left takes it; all below it is new ground.
    while (!frames_.empty() && frames_.back().left == 0) frames_.pop_back();
    if (frames_.empty()) {
      complete_ = true;
      return false;
    }
    Frame& frame = frames_.back();
    frame.taken = static_cast<std::uint8_t>(std::countr_zero(frame.left));
    frame.left &= frame.left - 1;
    frame.first = false;
  }
  begun_ = true;
  depth_ = 0;
  preemptions_ = 0;
  return true;
}

ExhaustiveStrategy::Frame& ExhaustiveStrategy::next_frame(std::uint64_t options, unsigned first, bool costs) {
  if (depth_ == frames_.size()) {
    check(depth_ < depth_max, "exhaustive search: a run with more than a million choices. Bound the program");
    Frame frame;
    frame.taken = static_cast<std::uint8_t>(first);
    frame.options = options;
    frame.costs = costs;
    frame.left = options & ~(std::uint64_t{1} << first);
    if (costs && preemptions_ == preemptions_max_) frame.left = 0;
    frames_.push_back(frame);
  }
  Frame& frame = frames_[depth_++];
  check(frame.options == options, "exhaustive search: the program did something else than the last time");
  if (frame.costs && !frame.first) ++preemptions_;
  return frame;
}

Choice ExhaustiveStrategy::choose(const Situation& s) {
  const unsigned first = index_of(default_next(s));
  return {static_cast<ContextId>(next_frame(s.candidates, first, s.current_can_go_on).taken), 0};
}

bool ExhaustiveStrategy::fail_allocation(const Situation&) { return next_frame(3, 0, true).taken == 1; }

unsigned ExhaustiveStrategy::choose_load(const Situation&, unsigned candidates) {
  return next_frame((std::uint64_t{1} << candidates) - 1, 0, true).taken;
}

void ExhaustiveStrategy::end_run(std::uint64_t) { ++schedules_; }

std::string ExhaustiveStrategy::summary() const {
  return std::to_string(schedules_) + " schedules with at most " + std::to_string(preemptions_max_) +
         " preemptions: " + (complete_ ? "all of them" : "there are more");
}

}  // namespace rcufarm::sim
