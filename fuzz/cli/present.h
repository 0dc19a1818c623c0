// What the command prints about explorations and findings, for people.
//
// Job: texts from values. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "harness/sim/explore.h"
#include "harness/sim/minimize.h"

namespace rcufarm::cli {

std::string with_commas(std::uint64_t number);
std::string count_of(std::uint64_t number, const char* what);  // "1 finding", "1,234 findings"
// One line of at most `columns` characters (0: any).
std::string progress_line(const harness::ExploreFigures& figures, std::uint64_t findings, unsigned columns);
// What was searched: schedules, points, reads-from pairs, and the bound that was completed.
std::string searched(const harness::ExploreFigures& figures);
std::string minimized(const harness::MinimizeFigures& figures);
// Which memory model it takes for the finding to do harm. Where it takes more than sequential consistency, it stands below the
// others.
std::string needs(oracle::Kind kind);
bool needs_more_than_sc(oracle::Kind kind);

}  // namespace rcufarm::cli
