// Job: see strategy_surw.h.
#include "machine/search/strategy_surw.h"

#include <algorithm>

#include "machine/engine/check.h"

namespace rcufarm::sim {

SurwStrategy::SurwStrategy(std::uint64_t seed, Odds odds)
    : seed_(seed), odds_(odds), random_(seed, 0), words_(2 * words_max) {
  order_.reserve(words_max);
  shared_.reserve(words_max);
}

bool SurwStrategy::begin_run(std::uint64_t run) {
  random_ = Random(seed_, run, 200);
  profiling_ = run % profile_every == 0;
  word_ = nullptr;
  left_ = all_;
  intended_ = idle_context;
  is_drawn_ = false;
  if (profiling_) {
    for (const std::uint32_t i : order_) words_[i] = WordProfile{};
    order_.clear();
    all_.fill(0);
  } else if (!shared_.empty()) {
    const WordProfile& word = words_[shared_[random_.below(shared_.size())]];
    word_ = word.address;
    left_ = word.counts;
  }
  some_left_ = {};
  for (unsigned i = 0; i < context_count; ++i) {
    if (left_[i] != 0) some_left_.insert(static_cast<ContextId>(i));
  }
  return true;
}

void SurwStrategy::end_run(std::uint64_t, End) {
  if (!profiling_) return;
  shared_.clear();
  for (const std::uint32_t i : order_) {
    const auto touched = std::count_if(words_[i].counts.begin(), words_[i].counts.end(), [](auto n) { return n != 0; });
    if (words_[i].written && touched > 1) shared_.push_back(i);
  }
}

bool SurwStrategy::interesting(const Pending& operation) const {
  return word_ == nullptr || operation.address == word_;
}

void SurwStrategy::profile(ContextId id, const Pending& operation) {
  ++all_[index_of(id)];
  if (operation.address == nullptr) return;
  // The numbers of addresses differ from process to process, and so does the place in the table; nothing else does.
  std::size_t at = mixed(reinterpret_cast<std::uintptr_t>(operation.address)) % words_.size();
  while (words_[at].address != nullptr && words_[at].address != operation.address) at = (at + 1) % words_.size();
  WordProfile& word = words_[at];
  if (word.address == nullptr) {
    if (order_.size() == words_max) return;
    word.address = operation.address;
    order_.push_back(static_cast<std::uint32_t>(at));
  }
  word.written = word.written || operation.writes;
  ++word.counts[index_of(id)];
}

bool SurwStrategy::before(ContextId id, const Pending& operation) {
  if (profiling_) profile(id, operation);
  if (!interesting(operation)) return false;
  std::uint32_t& left = left_[index_of(id)];
  if (left != 0 && --left == 0) some_left_.erase(id);
  intended_ = idle_context;
  is_drawn_ = false;
  return true;
}

ContextId SurwStrategy::weighted(const ContextSet& candidates) {
  std::uint64_t total = 0;
  for (const ContextId context : candidates) total += left_[index_of(context)];
  if (total == 0) return random_member(random_, candidates);
  std::uint64_t at = random_.below(total);
  for (const ContextId context : candidates) {
    if (at < left_[index_of(context)]) return context;
    at -= left_[index_of(context)];
  }
  fail("SURW: the weights do not add up");
}

void SurwStrategy::draw_intended() {
  if (!some_left_.is_empty()) intended_ = weighted(some_left_);
}

std::uint32_t SurwStrategy::draw_quiet(std::uint32_t uniform, unsigned free) {
  std::unique_ptr<const RunLength>& quiet = quiet_[free];
  if (free == 1) return quiet_for_ever;
  if (quiet == nullptr) quiet = std::make_unique<const RunLength>(1, free);
  return quiet->draw(uniform, random_);
}

Choice SurwStrategy::choose(const Situation& s) {
  if (intended_ == idle_context) draw_intended();
  // Those that would do an interesting operation out of turn are held back.
  ContextSet free = s.candidates;
  for (const ContextId context : s.candidates) {
    if (interesting(s.pending[index_of(context)])) free.erase(context);
  }
  if (s.candidates.contains(intended_)) free.insert(intended_);
  // The intended one cannot run, and all others are held back: it is not its turn after all.
  if (free.is_empty()) {
    intended_ = weighted(s.candidates);
    return {intended_, 0};
  }
  const unsigned count = free.count();
  const std::uint64_t drawn = random_.next();  // who comes, and for how long
  ContextId next = s.current;
  // It has not come to what is interesting, where it is asked in any case.
  const bool is_over =
      is_drawn_ && s.quiet_is_over && s.current_can_go_on && !interesting(s.pending[index_of(s.current)]);
  if (is_over && count > 1) {
    // That is over: another one comes.
    next = member_by(low_half(drawn), free - ContextSet(s.current), count - 1);
  } else {
    next = member_by(low_half(drawn), free, count);
  }
  // As long as nobody comes or goes and nobody does what is interesting, or comes to it, it would go on with this chance at each point.
  is_drawn_ = word_ != nullptr;
  return {next, is_drawn_ ? draw_quiet(high_half(drawn), count) : 0};
}

}  // namespace rcufarm::sim
