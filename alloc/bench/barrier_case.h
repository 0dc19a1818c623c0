// (f) How long rcu_barrier takes while a reader is in short sections.
//
// Job: queue a callback of each flavour in turn, wait for it with that flavour's barrier, and time the wait. Runs in a child
// process. Settings: queued (lazy, hurried or urgent).
#pragma once

#include "bench/child_case.h"

namespace rcufarm::bench {

CaseResult run_barrier(const Settings& settings);

}  // namespace rcufarm::bench
