// What the command prints about explorations and findings, for people.
//
// Job: texts from values. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/sim/explore.h"
#include "harness/sim/minimize.h"
#include "harness/sim/strongest.h"

namespace rcufarm::cli {

std::string with_commas(std::uint64_t number);
std::string count_of(std::uint64_t number, const char* what);  // "1 finding", "1,234 findings"
// One line of at most `columns` characters (0: any).
std::string progress_line(const harness::ExploreFigures& figures, std::uint64_t findings, unsigned columns);
// What was searched: schedules, points, reads-from pairs, and the bound that was completed.
std::string searched(const harness::ExploreFigures& figures);
std::string minimized(const harness::MinimizeFigures& figures);
// What a finding of that model takes. Only as true as the search under the stronger ones was long.
const char* needs(sim::MemoryModel model);
// A sentence or two: which model shows it, what that takes, and what was tried under stronger ones. Of what only vector clocks
// accuse, that.
std::string shown(const harness::SimFinding& finding, const std::vector<harness::NotShown>& not_shown);
// In which order findings are told: the gravest first, what only vector clocks accuse last; among equals what every
// machine can do first.
unsigned rank_of(const harness::SimFinding& finding);

}  // namespace rcufarm::cli
