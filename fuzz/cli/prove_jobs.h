// A proof by several explorers side by side.
//
// Job: processes that explore one shared proof, or take the programs of a list one by one. Counts do not depend on how many they are.
// What is found is, of a list, the finding of its first wrong program; of a shared proof, whichever comes first. One call at a time,
// on the main thread.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "harness/sim/prove.h"
#include "harness/sim/sim_allocator.h"

namespace rcufarm::cli {

// Until the proof is over, or time is. "", or why not. `options.progress` is called here.
std::string prove_side_by_side(const harness::SimAllocator& allocator, const harness::SharedProofFile& file,
                               const harness::ProveOptions& options, unsigned jobs);

struct ProgramsProven {
  std::uint64_t right = 0;       // of the list, without a gap from its beginning
  std::uint64_t executions = 0;  // of those
  harness::ProveResult wrong;    // of the one behind those, if it is wrong
};
std::variant<ProgramsProven, std::string> prove_programs(const harness::SimAllocator& allocator,
                                                         const std::vector<scenario::Scenario>& programs,
                                                         const harness::SimConfig& config,
                                                         const harness::ProveOptions& options, unsigned jobs);

}  // namespace rcufarm::cli
