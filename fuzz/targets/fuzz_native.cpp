// The fuzz target on real threads, for libFuzzer and AFL++: bytes become a scenario, the scenario a run.
//
// Job: the engine's entry. A finding ends the process by abort(), so that the engine keeps the input; findings of the
// sanitizers end it by themselves. No thread exists before the first input (AFL++'s fork server).
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>

#include "harness/native/native_run.h"
#include "harness/record.h"
#include "native/tsan.h"
#include "scenario/bytes.h"
#include "targets/shown_input.h"

namespace {

// Between two inputs the calling thread is the engine's. AFL++ clears its map then, while threads that wait for the next
// input may still count in it: a race of its own.
std::optional<rcufarm::native::tsan::Unseen>& engine_at_work() {
  static std::optional<rcufarm::native::tsan::Unseen> engine;
  return engine;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rcufarm;
  engine_at_work().reset();
  const targets::ShownInput shown(std::as_bytes(std::span(data, size)));
  const scenario::Decoded decoded = scenario::decode(std::as_bytes(std::span(data, size)));
  const harness::Outcome outcome = harness::run_native(decoded.scenario);
  if (!outcome.findings.empty()) {
    harness::tell(outcome.findings);
    std::abort();
  }
  engine_at_work().emplace();
  return 0;
}
