// Job: see strategy_bytes.h.
#include "sim/strategy_bytes.h"

#include "sim/random.h"

namespace rcufarm::sim {

bool BytesStrategy::begin_run(std::uint64_t) {
  at_ = 0;
  gap_known_ = false;
  next_step_ = 0;
  return true;
}

Choice BytesStrategy::choose(const Situation& s) {
  const ContextId plain = default_next(s);
  if (empty() && !gap_known_) return {plain, s.current_can_go_on ? quiet_for_ever : 0};
  // The candidates in the plain order's sequence, so that small numbers are near choices.
  const auto count = count_bits(s.candidates);
  const auto pick = [&](unsigned n) {
    const unsigned first = count_bits(s.candidates & (bit_of(plain) - 1));
    return static_cast<ContextId>(nth_bit(s.candidates, (first + n) % count));
  };
  if (!s.current_can_go_on) return {pick(take()), 0};
  if (!gap_known_) {
    next_step_ = s.step + take();
    gap_known_ = true;
  }
  if (s.step < next_step_) return {plain, static_cast<std::uint32_t>(next_step_ - s.step - 1)};
  gap_known_ = false;
  return {pick(take()), 0};
}

bool BytesStrategy::fail_allocation(const Situation&) { return (take() & 7U) == 7; }

}  // namespace rcufarm::sim
