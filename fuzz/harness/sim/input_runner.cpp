#include "harness/sim/input_runner.h"

#include "harness/record.h"
#include "harness/sim/endless.h"
#include "harness/sim/sim_allocator.h"

namespace rcufarm::harness {

SimConfig config_for(const SimInput& input, const SimAllocator& allocator) {
  SimConfig config = config_of(input);
  config.check_order = config.check_order && allocator.orders_by_cpp;
  if (config.model != sim::MemoryModel::sc && allocator.user_space != nullptr)
    config.model = allocator.user_space->model;
  return config;
}

InputRunner::InputRunner(const SimAllocator& allocator) : runner_(allocator) {}

const SimOutcome& InputRunner::run(std::span<const std::byte> bytes) {
  decode_input(bytes, input_);
  scenario::translate(input_.scenario, runner_.allocator().language);
  config_ = config_for(input_, runner_.allocator());
  strategy_.follow(input_.departures, input_.walk);
  strategy_.begin_run(0);
  outcome_ = runner_.run(input_.scenario, config_, strategy_);
  if (!outcome_.found()) return outcome_;
  finding_ = unless_it_ends(runner_, runner_.finding(outcome_, input_.scenario, config_));
  if (!finding_) {
    outcome_.accusation = oracle::Accusation{};
    outcome_.machine.end = sim::End::limit;
    outcome_.machine.limit = "points of the schedule";
  }
  return outcome_;
}

std::string report_of(const SimFinding& finding) {
  return "rcufarm: finding: " + finding.detail + "\nrcufarm: signature: " + finding.signature + "\n" + to_text(finding);
}

Finding told_of(const SimFinding& finding) {
  Finding told{.kind = finding.kind, .signature = finding.signature, .detail = finding.detail};
  if (const sim::MemoryModel model = finding.config.model; model != sim::MemoryModel::sc) {
    told.detail += std::string(" [memory model: ") + sim::name_of(model) + "]";
  }
  if (finding.kind == oracle::Kind::leak) told.leak = Leak{};
  return told;
}

void tell(const SimFinding& finding, std::FILE* stream) {
  std::fputs(report_of(finding).c_str(), stream);
  hand_over({.findings = {told_of(finding)}});
}

}  // namespace rcufarm::harness
