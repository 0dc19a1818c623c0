// Drawing a finding: replay it under a recorder.
//
// Job: from a finding to its diagram, to its file, and to what a record says of it. The caller's thread, which owns the runner.
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

// One file for each signature of a build: the same finding again takes the place of the old one.
std::filesystem::path finding_file(const Program& program, const std::filesystem::path& folder,
                                   const harness::SimFinding& finding);

// Of runs that differ there is no one interleaving to draw: the place where they part has to do.
Drawing not_drawn(const harness::SimFinding& finding);

Drawing draw(const Program& program, harness::SimRunner& runner, const harness::SimFinding& finding);

}  // namespace rcufarm::cli
