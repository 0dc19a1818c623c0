// Job: see strategy_pos.h.
#include "machine/search/strategy_pos.h"

#include <algorithm>

namespace rcufarm::sim {

bool PosStrategy::begin_run(std::uint64_t run) {
  random_ = Random(seed_, run, 100);
  priority_.fill(0);
  done_count_ = 0;
  chosen_ = idle_context;
  looked_after_ = {};
  return true;
}

bool PosStrategy::before(ContextId id, const Pending& operation) {
  priority_[index_of(id)] = 0;
  // Where there is no choice for long, the oldest are forgotten: then nobody was waiting. One without an address is written and
  // not counted, which is cheaper than to ask. Field by field: a copy of a whole one would wait for the bytes that were just written.
  Done& done = done_[done_count_ % done_.size()];
  done.address = operation.address;
  done.writes = operation.writes;
  done_count_ += operation.address != nullptr ? 1 : 0;
  if (id != chosen_) [[unlikely]] {
    looked_after_ = {};
    return false;
  }
  if (operation.address == nullptr) return false;
  bool any = false;
  for (unsigned i = 0; i < other_count_; ++i) {
    if (!conflicts(done, others_[i].pending)) continue;
    priority_[index_of(others_[i].context)] = 0;
    any = true;
  }
  if (any) drawn_ = 0;
  return any;
}

// How often in a row the chosen one's next operation is above those of the others, and what comes then is below: inversion, as in run_length.h,
// with a chance that is another one each time.
std::uint32_t PosStrategy::draw_quiet(std::uint64_t highest_other) {
  const std::uint64_t below = highest_other >> 32U;
  const std::uint64_t above = (std::uint64_t{1} << 32U) - below;
  const std::uint64_t uniform = random_.next();
  std::uint32_t quiet = 0;
  for (std::uint64_t power = above; high_half(uniform) < power && quiet < drawn_max; power = power * above >> 32U)
    ++quiet;
  // Where it could have been more, it is drawn as any other.
  drawn_ = quiet == drawn_max ? 0 : low_half(uniform) * below | 1U;
  return quiet;
}

Choice PosStrategy::choose(const Situation& s) {
  const unsigned kept = std::min(done_count_, static_cast<unsigned>(done_.size()));
  if (s.quiet_is_over && s.current_can_go_on && s.current == chosen_) priority_[index_of(chosen_)] = drawn_;
  chosen_ = idle_context;
  std::uint64_t highest = 0;
  std::uint64_t highest_other = 0;
  for (const ContextId context : s.candidates) {
    std::uint64_t& priority = priority_[index_of(context)];
    const Pending& pending = s.pending[index_of(context)];
    bool is_drawn = priority != 0;
    if (!looked_after_.contains(context)) {
      for (unsigned i = 0; i < kept; ++i) is_drawn &= !conflicts(done_[i], pending);
    }
    if (!is_drawn) priority = random_.next() | 1U;
    highest_other = std::max(highest_other, std::min(priority, highest));
    if (priority > highest) {
      highest = priority;
      chosen_ = context;
    }
  }
  done_count_ = 0;
  other_count_ = 0;
  looked_after_ = s.candidates;
  for (const ContextId context : s.candidates - ContextSet(chosen_)) {
    const Pending& pending = s.pending[index_of(context)];
    if (pending.address != nullptr) others_[other_count_++] = {context, pending};
  }
  return {chosen_, draw_quiet(highest_other)};
}

}  // namespace rcufarm::sim
