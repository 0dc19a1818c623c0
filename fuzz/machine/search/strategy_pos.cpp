// Job: see strategy_pos.h.
#include "machine/search/strategy_pos.h"

namespace rcufarm::sim {

bool PosStrategy::begin_run(std::uint64_t run) {
  random_ = Random(seed_, run, 100);
  priority_.fill(0);
  done_count_ = 0;
  return true;
}

void PosStrategy::before(ContextId id, const Pending& operation) {
  priority_[index_of(id)] = 0;
  // Where there is no choice for long, the oldest are forgotten: then nobody was waiting. One without an address is written and
  // not counted, which is cheaper than to ask. Field by field: a copy of a whole one would wait for the bytes that were just written.
  Done& done = done_[done_count_ % done_.size()];
  done.address = operation.address;
  done.writes = operation.writes;
  done_count_ += operation.address != nullptr ? 1 : 0;
}

Choice PosStrategy::choose(const Situation& s) {
  const unsigned kept = done_count_ < done_.size() ? done_count_ : static_cast<unsigned>(done_.size());
  ContextId best = s.candidates.first();
  for (const ContextId context : s.candidates) {
    std::uint64_t& priority = priority_[index_of(context)];
    const Pending& pending = s.pending[index_of(context)];
    bool is_drawn = priority != 0;
    for (unsigned i = 0; i < kept; ++i) {
      const bool is_one_word = done_[i].address == pending.address;
      const bool has_write = done_[i].writes | pending.writes;
      is_drawn &= !(is_one_word & has_write);
    }
    if (!is_drawn) priority = random_.next() | 1U;
    if (priority > priority_[index_of(best)]) best = context;
  }
  done_count_ = 0;
  return {best, 0};
}

}  // namespace rcufarm::sim
