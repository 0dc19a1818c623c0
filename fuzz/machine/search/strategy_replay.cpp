// Job: see strategy_replay.h.
#include "machine/search/strategy_replay.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace rcufarm::sim {

void ReplayStrategy::follow(std::span<const Deviation> deviations) {
  // By sequence and anchor; equal anchors stay in the order of the list.
  const auto sequence = [](const Deviation& d) {
    const auto kind = choice_of(d.kind);
    return kind ? sequence_of(*kind, d.at) : sequence_of(d.at);
  };
  std::vector<std::size_t> order(deviations.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t k) {
    const Deviation& a = deviations[i];
    const Deviation& b = deviations[k];
    return std::tuple(sequence(a), anchor_of(a), i) < std::tuple(sequence(b), anchor_of(b), k);
  });
  entries_.clear();
  for (const std::size_t i : order) entries_.push_back(deviations[i]);
  std::size_t at = 0;
  for (unsigned i = 0; i < sequence_count; ++i) {
    first_[i] = static_cast<std::uint32_t>(at);
    while (at < entries_.size() && sequence(entries_[at]) == i) ++at;
  }
  first_[sequence_count] = static_cast<std::uint32_t>(at);
  begin_run(0);
}

bool ReplayStrategy::begin_run(std::uint64_t) {
  std::copy_n(first_.begin(), sequence_count, cursor_.begin());
  used_ = 0;
  return true;
}

const Deviation* ReplayStrategy::seek(unsigned sequence, Anchor anchor) {
  std::uint32_t& cursor = cursor_[sequence];
  while (cursor < first_[sequence + 1]) {
    const Deviation& entry = entries_[cursor];
    if (anchor_of(entry) >= anchor) return &entry;
    ++cursor;
  }
  return nullptr;
}

Choice ReplayStrategy::choose(const Situation& s) {
  const unsigned sequence = sequence_of(s.current);
  while (const Deviation* entry = next_for(sequence, s.anchor)) {
    if (entry->event != s.anchor.event()) return {default_next(s), 0};
    // Nothing before that entry's point.
    if (entry->points > s.anchor.points()) {
      const ContextId next = default_next(s);
      return {next, next == s.current ? entry->points - s.anchor.points() - 1 : 0};
    }
    ++cursor_[sequence];
    if (!s.candidates.contains(entry->target)) continue;
    ++used_;
    return {entry->target, 0};
  }
  // Nothing of this context's is left.
  const ContextId next = default_next(s);
  return {next, next == s.current ? quiet_for_ever : 0};
}

unsigned ReplayStrategy::choose(const Options& options) {
  const unsigned sequence = sequence_of(options.kind, options.context);
  const Deviation* entry = next_for(sequence, options.anchor);
  if (entry == nullptr || anchor_of(*entry) != options.anchor) return 0;
  ++cursor_[sequence];
  const unsigned option = option_of(*entry);
  if (option >= options.count) return 0;
  ++used_;
  return option;
}

}  // namespace rcufarm::sim
