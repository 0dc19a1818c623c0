// Job: see strategy_replay.h.
#include "sim/strategy_replay.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace rcufarm::sim {

void ReplayStrategy::follow(std::span<const Deviation> deviations) {
  // By context and anchor; equal anchors stay in the order of the list.
  std::vector<std::size_t> order(deviations.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t k) {
    const Deviation& a = deviations[i];
    const Deviation& b = deviations[k];
    return std::tuple(a.at, a.event, a.points, i) < std::tuple(b.at, b.event, b.points, k);
  });
  entries_.clear();
  for (const std::size_t i : order) entries_.push_back(deviations[i]);
  std::size_t at = 0;
  for (unsigned context = 0; context < context_count; ++context) {
    first_[context] = static_cast<std::uint32_t>(at);
    while (at < entries_.size() && index_of(entries_[at].at) == context) ++at;
  }
  first_[context_count] = static_cast<std::uint32_t>(at);
  begin_run(0);
}

bool ReplayStrategy::begin_run(std::uint64_t) {
  std::copy_n(first_.begin(), context_count, cursor_.begin());
  used_ = 0;
  return true;
}

const Deviation* ReplayStrategy::next_for(const Situation& s) {
  const unsigned context = index_of(s.current);
  std::uint32_t& cursor = cursor_[context];
  while (cursor < first_[context + 1]) {
    const Deviation& entry = entries_[cursor];
    if (std::tuple(entry.event, entry.points) >= std::tuple(s.event, s.points)) return &entry;
    ++cursor;
  }
  return nullptr;
}

Choice ReplayStrategy::choose(const Situation& s) {
  while (const Deviation* entry = next_for(s)) {
    if (entry->event != s.event) break;
    // Nothing before that entry's point.
    if (entry->points > s.points) {
      const ContextId next = default_next(s);
      return {next, next == s.current ? entry->points - s.points - 1 : 0};
    }
    if (entry->kind == DecisionKind::fail) break;  // comes after the choice of who goes on
    ++cursor_[index_of(s.current)];
    if (entry->kind == DecisionKind::read_store || !s.candidates.contains(entry->target)) continue;
    ++used_;
    return {entry->target, 0};
  }
  return {default_next(s), 0};
}

bool ReplayStrategy::fail_allocation(const Situation& s) {
  while (const Deviation* entry = next_for(s)) {
    if (entry->event != s.event || entry->points != s.points) return false;
    ++cursor_[index_of(s.current)];
    if (entry->kind != DecisionKind::fail) continue;
    ++used_;
    return true;
  }
  return false;
}

}  // namespace rcufarm::sim
