#include "harness/sim/harden.h"

#include "harness/sim/around.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RCUFARM_ADDRESS_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define RCUFARM_ADDRESS_SANITIZER 1
#endif

namespace rcufarm::harness {

namespace {

// What comes of a missing order reads freed memory past the port's types, too (a cache's constants), and AddressSanitizer would
// end the program there.
#ifdef RCUFARM_ADDRESS_SANITIZER
constexpr bool can_go_on = false;
#else
constexpr bool can_go_on = true;
#endif

}  // namespace

SimFinding harden(SimRunner& runner, const SimFinding& finding) {
  if (!can_go_on || !oracle::is_missing_order(finding.kind)) return {};
  SimConfig config = finding.config;
  config.check_order = false;
  SimFinding harder;
  search_around(runner, finding, config, [&](const SimOutcome& outcome) {
    if (outcome.found()) harder = runner.finding(outcome, finding.scenario, config);
    return outcome.found();
  });
  return harder;
}

}  // namespace rcufarm::harness
