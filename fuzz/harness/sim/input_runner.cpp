#include "harness/sim/input_runner.h"

namespace rcufarm::harness {

const SimOutcome& InputRunner::run(std::span<const std::byte> bytes) {
  decode_input(bytes, input_);
  config_ = config_of(input_);
  strategy_.follow(input_.departures, input_.walk);
  strategy_.begin_run(0);
  outcome_ = runner_.run(input_.scenario, config_, strategy_);
  return outcome_;
}

std::string report_of(const SimFinding& finding) {
  return "rcufarm: finding: " + finding.detail + "\nrcufarm: signature: " + finding.signature + "\n" + to_text(finding);
}

}  // namespace rcufarm::harness
