// Explorers side by side: one search of many seeds.
//
// Job: a process for each explorer, since a machine and what an allocator keeps in globals belong to one thread; figures added
// up, findings merged by signature. Seeds are disjoint and the bound on schedules is shared out evenly, so seed and number of
// explorers say what is searched. Where one finding ends the search, it is the one with the lowest number of its explorer's
// schedule: the others go on to that number, and no further. One call at a time, on the main thread.
#pragma once

#include <functional>
#include <string>
#include <variant>

#include "harness/sim/explore.h"
#include "harness/sim/sim_runner.h"

namespace rcufarm::cli {

inline constexpr unsigned jobs_max = 256;

// The result, or why there is none. `runner` replays what was found. `options.progress` is called here, with the sum.
using JobsResult = std::variant<harness::ExploreResult, std::string>;
JobsResult explore_side_by_side(harness::SimRunner& runner, const harness::SimAllocator& allocator,
                                const harness::ExploreOptions& options, unsigned jobs);

}  // namespace rcufarm::cli
