// Why two steps are not ordered: who read the other's store, and what that pair lacks.
//
// Job: of a finding that vector clocks alone accuse, name the loads by which the second side might have come behind the first, and
// did not. A side is a context, with whatever else ran on its CPU. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "harness/sim/sim_finding.h"
#include "report/step.h"

namespace rcufarm::report {

// A load reads a store, and that orders nothing.
struct OrderGap {
  std::size_t store = 0;
  std::size_t load = 0;
  bool releases = false;  // the store
  bool acquires = false;  // the load
};

struct MissingOrder {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::size_t first = none;  // the two steps, in the run's order; none: of no missing order, or not known
  std::size_t second = none;
  std::vector<OrderGap> gaps;  // the last ones, at most two
};

// `parties`: as find_parties() has them.
MissingOrder missing_order_of(const Recording& recording, const harness::SimFinding& finding,
                              const std::vector<std::size_t>& parties);

}  // namespace rcufarm::report
