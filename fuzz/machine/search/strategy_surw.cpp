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

void SurwStrategy::before(ContextId id, const Pending& operation) {
  if (profiling_) profile(id, operation);
  if (!interesting(operation)) return;
  std::uint32_t& left = left_[index_of(id)];
  if (left != 0 && --left == 0) some_left_.erase(id);
  intended_ = idle_context;
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

Choice SurwStrategy::choose(const Situation& s) {
  if (intended_ == idle_context) draw_intended();
  // Those that would do an interesting operation out of turn are held back.
  ContextSet free;
  for (const ContextId context : s.candidates) {
    if (context == intended_ || !interesting(s.pending[index_of(context)])) free.insert(context);
  }
  // The intended one cannot run, and all others are held back: it is not its turn after all.
  if (free.is_empty()) {
    intended_ = weighted(s.candidates);
    return {intended_, 0};
  }
  return {random_member(random_, free), 0};
}

}  // namespace rcufarm::sim
