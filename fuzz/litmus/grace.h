// Grace periods as orders of events, for models that know nothing of RCU themselves.
//
// Job: what sc, tso and c11 make of read sections and grace periods. (The kernel's model has an axiom of its own.)
#pragma once

#include <functional>

#include "litmus/graph.h"

namespace rcufarm::litmus {

// A grace period waits for each section that began before it. So, for each section and each grace period of its flavour (and
// srcu_struct), one of two holds:
// - the section ends before the grace period does: all that comes before its unlock is before all that follows the grace
//   period; or
// - it begins after the grace period has: all that comes before the grace period is before all that follows its lock.
// Is there a choice for all of them that `allowed` accepts, and `wanted` too if it is given? They get the pairs of events so
// ordered. `allowed` must accept each part of what it accepts; `wanted` is asked about whole choices only.
using GraceOrder = std::function<bool(const Relation& order)>;
bool grace_periods_fit(const Graph& g, const GraceOrder& allowed, const GraceOrder& wanted = nullptr);

}  // namespace rcufarm::litmus
