// Who a finding accuses: the steps of its parties, and the object that it is about.
//
// Job: find in the recording what the finding names. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "harness/sim/sim_finding.h"
#include "report/step.h"

namespace rcufarm::report {

// For each party of the finding, the step that it is; `none` of Relation if the recording does not have it. A party whose step the
// machine does not know is the last one of its context at its place in the source.
std::vector<std::size_t> find_parties(const Recording& recording, const harness::SimFinding& finding);

// What the finding is about: its object and word, or the piece of the object that they are in.
Target accused_of(const Recording& recording, const harness::SimFinding& finding);

}  // namespace rcufarm::report
