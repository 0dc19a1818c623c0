// (e) How long destroy takes with callbacks in flight.
//
// Job: fill an allocator, free everything with free_rcu on two CPUs, destroy it at once, and wait until its last object
// is back in the slab; a reader is busy meanwhile. Runs in a child process. Settings: reader.
#pragma once

#include "bench/child_case.h"

namespace rcufarm::bench {

CaseResult run_destroy(const Settings& settings);

}  // namespace rcufarm::bench
