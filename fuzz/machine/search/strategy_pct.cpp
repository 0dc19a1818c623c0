// Job: see strategy_pct.h.
#include "machine/search/strategy_pct.h"

#include <algorithm>

#include "machine/engine/check.h"

namespace rcufarm::sim {

PctStrategy::PctStrategy(std::uint64_t seed, unsigned depth, Odds odds)
    : seed_(seed), depth_(depth), odds_(odds), random_(seed, 0) {
  check(depth >= 1 && depth <= depth_max, "PCT's depth is 1 to 5");
}

const char* PctStrategy::name() const {
  static constexpr const char* names[] = {"pct-1", "pct-2", "pct-3", "pct-4", "pct-5"};
  return names[depth_ - 1];
}

bool PctStrategy::begin_run(std::uint64_t run) {
  random_ = Random(seed_, run, depth_);
  for (std::uint64_t& priority : priority_) priority = random_.next() | std::uint64_t{1} << 63U;
  lowest_ = std::uint64_t{1} << 62U;
  drop_count_ = depth_ - 1;
  dropped_ = 0;
  const auto length = static_cast<std::uint64_t>(length_ + 0.5);
  for (unsigned i = 0; i < drop_count_; ++i) drops_[i] = 1 + random_.below(length);
  std::sort(drops_.begin(), drops_.begin() + drop_count_);
  return true;
}

ContextId PctStrategy::highest(const ContextSet& candidates) const {
  ContextId best = candidates.first();
  for (const ContextId other : candidates) {
    if (priority_[index_of(other)] > priority_[index_of(best)]) best = other;
  }
  return best;
}

Choice PctStrategy::choose(const Situation& s) {
  if (s.current_yields) priority_[index_of(s.current)] = --lowest_;
  ContextId next = highest(s.candidates);
  while (dropped_ < drop_count_ && drops_[dropped_] <= s.step) {
    ++dropped_;
    priority_[index_of(next)] = --lowest_;
    next = highest(s.candidates);
  }
  if (dropped_ == drop_count_) return {next, quiet_for_ever};
  return {next, static_cast<std::uint32_t>(drops_[dropped_] - s.step - 1)};
}

void PctStrategy::end_run(std::uint64_t steps, End end) {
  if (end == End::given_up) return;  // it says nothing of how long runs are
  length_ = (7 * length_ + static_cast<double>(std::clamp<std::uint64_t>(steps, 2, steps_max))) / 8;
}

}  // namespace rcufarm::sim
