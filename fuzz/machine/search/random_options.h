// How random strategies choose among contexts and among options (choice.h).
//
// Job: one draw for all of them. Of contexts each is as likely as any other. Of options the plain one is taken most of the time,
// and of the others the nearest most of the time: with an age of k stores a chance of 2^-k of the rest, so that a load that can
// read many old stores reads a new one as a rule, as on a machine. Plain values; no state but the generator's.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "machine/engine/strategy.h"
#include "machine/search/random.h"

namespace rcufarm::sim {

// How often of 256 another option than the plain one is taken, where there is one.
struct Odds {
  unsigned failures = 16;   // of allocations
  unsigned reordered = 32;  // of loads that could read an older store, of stores and frees that could come earlier
};

// One of `count` contexts, by a number of 32 bits that is uniform.
inline ContextId member_by(std::uint32_t uniform, const ContextSet& contexts, unsigned count) {
  return contexts.nth(std::uint64_t{uniform} * count >> 32U, count);
}
inline ContextId random_member(Random& random, const ContextSet& contexts, unsigned count) {
  return member_by(high_half(random.next()), contexts, count);
}
inline ContextId random_member(Random& random, const ContextSet& contexts) {
  return random_member(random, contexts, contexts.count());
}

inline unsigned random_option(Random& random, const Odds& odds, const Options& options) {
  const unsigned departs = options.kind == ChoiceKind::allocation ? odds.failures : odds.reordered;
  if (random.below(256) >= departs) return 0;
  if (options.count == 2) return 1;
  return 1 + std::min(static_cast<unsigned>(std::countr_zero(random.next())), options.count - 2);
}

}  // namespace rcufarm::sim
