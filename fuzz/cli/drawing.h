// Drawing a finding: replay it under a recorder.
//
// Job: from a finding to its diagram, and to what a record says of it. The caller's thread, which owns the runner.
#pragma once

#include "cli/program.h"
#include "harness/finding.h"
#include "harness/sim/sim_finding.h"
#include "harness/sim/sim_runner.h"
#include "report/diagram.h"

namespace rcufarm::cli {

struct Drawing {
  harness::SimFinding finding;  // as the replay gave it; kind none: it found nothing
  report::Diagram diagram;      // empty then
  harness::Finding told;        // without what the search or the replays add
};

Drawing draw(const Program& program, harness::SimRunner& runner, const harness::SimFinding& finding);

}  // namespace rcufarm::cli
