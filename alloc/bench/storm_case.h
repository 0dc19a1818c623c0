// (d) What asking for an urgent quiescent state is worth.
//
// Job: a storm: one thread allocates and frees with free_rcu as fast as it can, while a reader is in sections of one
// millisecond; the peak of memory and the time it takes, with the machine's answer to rcu_request_urgent_qs on or off.
// Runs in a child process. Settings: urgent (0 or 1), reader.
#pragma once

#include "bench/child_case.h"

namespace rcufarm::bench {

CaseResult run_storm(const Settings& settings);

}  // namespace rcufarm::bench
