// Much that is deferred at once.
//
// Job: free more by free_rcu than an allocator may keep waiting, while a reader holds the grace period up, and report it: the
// oracle (oracle/settling.h) knows whether that grace period was asked to hurry. For the end of a run, when nobody else acts.
// Source: the hint in the seed's check_free_by_rcu (2 GB of an artificial benchmark became 150 MB).
#pragma once

#include "harness/sim/sim_user.h"
#include "machine/machine.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

// In one cache of large objects; does nothing if there is none, if memory is short, or if the allocator promises nothing.
void pile_up(const scenario::Scenario& scenario, SimUser& user, sim::Machine& machine, std::size_t unhurried_bytes);

}  // namespace rcufarm::harness
