// The way of a bad pointer: the steps by which it came to the step that follows it.
//
// Job: of a finding that ends at a bad pointer, name the read that the pointer is from, the store that it read, the read that
// this store copied, and so on, back to where the pointer, or the null, came into the world. Pure; the run alone says it. Who is
// to blame is the oracle's to say (oracle/provenance.h): here is what a reader wants to see.
#pragma once

#include <cstddef>
#include <vector>

#include "harness/sim/sim_finding.h"
#include "report/activations.h"
#include "report/names.h"
#include "report/step.h"

namespace rcufarm::report {

// A read, or an allocation that gave null, and the store that it read.
struct PointerStage {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::size_t read = none;
  std::size_t store = none;   // none: the recording has no such step
  bool is_unwritten = false;  // nobody had stored anything there
};

// The last stage first; empty: the finding ends at no bad pointer, or none of the run's reads gave it.
std::vector<PointerStage> way_of_pointer(const Recording& recording, const harness::SimFinding& finding,
                                         const Activations& activations, const Namer& namer);

}  // namespace rcufarm::report
