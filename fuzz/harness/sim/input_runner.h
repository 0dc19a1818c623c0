// Runs inputs of fuzz engines.
//
// Job: one input, one run, and the finding that came of it, if any: what a fuzz target and its replay program share. Made
// once and used for any number of inputs, on one thread; the same input gives the same run first and last.
#pragma once

#include <cstddef>
#include <cstdio>
#include <span>
#include <string>

#include "harness/finding.h"
#include "harness/sim/sim_finding.h"
#include "harness/sim/sim_input.h"
#include "harness/sim/sim_runner.h"
#include "machine/search/strategy_bytes.h"

namespace rcufarm::harness {

// What the input asks for, as far as the allocator is written for it.
SimConfig config_for(const SimInput& input, const SimAllocator& allocator);

class InputRunner {
 public:
  // The allocator must outlive it.
  explicit InputRunner(const SimAllocator& allocator);

  // What came of it; its strings live until the next run.
  const SimOutcome& run(std::span<const std::byte> bytes);
  // Of the last run, which must have found something.
  const SimFinding& finding() const { return finding_; }

  SimRunner& runner() { return runner_; }

 private:
  SimRunner runner_;
  SimInput input_;
  SimConfig config_;
  sim::BytesStrategy strategy_;
  SimOutcome outcome_;
  SimFinding finding_;
};

// What is printed of a finding, for people: what was wrong, and the finding's own text, which can be saved and replayed
// without the input.
std::string report_of(const SimFinding& finding);
// What its record says (harness/record.h).
Finding told_of(const SimFinding& finding);
// Both: the one is printed to `stream`, the other handed over.
void tell(const SimFinding& finding, std::FILE* stream);

}  // namespace rcufarm::harness
