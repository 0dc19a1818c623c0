// Job: see strategy_pos.h.
#include "machine/search/strategy_pos.h"

namespace rcufarm::sim {

namespace {
bool conflict(const Pending& a, const Pending& b) {
  return a.address != nullptr && a.address == b.address && (a.writes || b.writes);
}
}  // namespace

bool PosStrategy::begin_run(std::uint64_t run) {
  random_ = Random(seed_, run, 100);
  priority_.fill(0);
  done_count_ = 0;
  return true;
}

void PosStrategy::before(ContextId id, const Pending& operation) {
  priority_[index_of(id)] = 0;
  // Where there is no choice for long, the oldest are forgotten: then nobody was waiting.
  if (operation.address != nullptr) done_[done_count_++ % done_.size()] = operation;
}

Choice PosStrategy::choose(const Situation& s) {
  const unsigned kept = done_count_ < done_.size() ? done_count_ : static_cast<unsigned>(done_.size());
  ContextId best = s.candidates.first();
  for (const ContextId context : s.candidates) {
    std::uint64_t& priority = priority_[index_of(context)];
    for (unsigned i = 0; i < kept && priority != 0; ++i) {
      if (conflict(done_[i], s.pending[index_of(context)])) priority = 0;
    }
    if (priority == 0) priority = random_.next() | 1U;
    if (priority > priority_[index_of(best)]) best = context;
  }
  done_count_ = 0;
  return {best, 0};
}

}  // namespace rcufarm::sim
