// What a settled machine has to say, as findings.
//
// Job: make findings of the machine's reports and of what is left in its slab. No state. Called when nobody uses the
// machine any more.
#pragma once

#include <vector>

#include "harness/finding.h"
#include "native/machine.h"

namespace rcufarm::harness {

void append_findings(native::Machine& machine, std::vector<Finding>& findings);

}  // namespace rcufarm::harness
