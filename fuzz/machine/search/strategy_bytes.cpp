// Job: see strategy_bytes.h.
#include "machine/search/strategy_bytes.h"

#include <algorithm>

#include "machine/search/random_options.h"

namespace rcufarm::sim {

namespace {

constexpr std::uint64_t never = ~std::uint64_t{0};
// How often of 256 a sticky walk lets the current context go on.
constexpr unsigned sticky = 240;

// `pick` folded to 0 … others: 0 stays the plain choice, everything else is one of the others.
unsigned folded(unsigned pick, unsigned others) { return pick == 0 ? 0 : 1 + (pick - 1) % others; }

// The candidate that is `pick` behind the plain order's, in the plain order's sequence.
ContextId candidate(const Situation& s, ContextId plain, unsigned pick) {
  const unsigned count = s.candidates.count();
  const unsigned first = (s.candidates & ContextSet::up_to(plain)).count() - 1;
  return s.candidates.nth((first + folded(pick, count - 1)) % count, count);
}

}  // namespace

void BytesStrategy::follow(std::span<const Departure> departures, std::uint8_t walk) {
  departures_ = departures;
  walk_ = walk;
  // Half of the walks have long stretches with a rare switch.
  stay_ = walk % 2 == 0 ? sticky : 0;
}

// Asked at each point: an input means the same as long as there are inputs, however a random walk is drawn elsewhere.
ContextId BytesStrategy::walk(const Situation& s) {
  if (stay_ != 0 && s.current_can_go_on && random_.below(256) < stay_) return s.current;
  return random_member(random_, s.candidates);
}

bool BytesStrategy::begin_run(std::uint64_t) {
  began_ = false;
  random_ = Random(walk_, 0);
  for (unsigned kind = 0; kind < departure_kinds; ++kind) seek(static_cast<DepartureKind>(kind), 0);
  return true;
}

// To the first departure of the kind that is not before `from`.
void BytesStrategy::seek(DepartureKind kind, std::size_t from) {
  Sequence& sequence = of(kind);
  while (from < departures_.size() && departures_[from].kind != kind) ++from;
  sequence.at = from;
  sequence.left = is_over(sequence) ? never : departures_[from].gap;
}

// What the departure that is due picks; the next one of its kind follows.
unsigned BytesStrategy::take(DepartureKind kind) {
  const std::size_t at = of(kind).at;
  seek(kind, at + 1);
  return departures_[at].pick;
}

// At a place of the kind: what is picked there.
unsigned BytesStrategy::pass(DepartureKind kind) {
  Sequence& sequence = of(kind);
  if (is_over(sequence)) return 0;
  if (sequence.left > 0) return --sequence.left, 0;
  return take(kind);
}

std::uint32_t BytesStrategy::quiet_after(std::uint64_t step) const {
  if (!began_) return 0;
  if (preempt_at_ == never) return walk_ != 0 ? 0 : quiet_for_ever;
  const std::uint64_t quiet = preempt_at_ > step ? preempt_at_ - step - 1 : 0;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(quiet, quiet_for_ever - 1));
}

// The preemption that comes `gap` places after the one at `step`.
void BytesStrategy::await_preemption(std::uint64_t step) {
  const Sequence& preempt = of(DepartureKind::preempt);
  preempt_at_ = is_over(preempt) ? never : step + preempt.left;
}

Choice BytesStrategy::choose(const Situation& s) {
  if (walks(s.current_can_go_on ? DepartureKind::preempt : DepartureKind::next)) {
    return {walk(s), quiet_after(s.step)};
  }
  const ContextId plain = default_next(s);
  if (!s.current_can_go_on) return {candidate(s, plain, pass(DepartureKind::next)), quiet_after(s.step)};
  // Places are counted from the first one: before, one context was alone.
  if (!began_) await_preemption(s.step);
  began_ = true;
  if (s.step < preempt_at_) return {plain, quiet_after(s.step)};
  const unsigned pick = take(DepartureKind::preempt);
  await_preemption(s.step + 1);
  return {candidate(s, plain, pick), quiet_after(s.step)};
}

unsigned BytesStrategy::choose(const Options& options) {
  const DepartureKind kind = departure_for(options.kind);
  if (walks(kind)) return random_option(random_, {}, options);
  return folded(pass(kind), options.count - 1);
}

}  // namespace rcufarm::sim
