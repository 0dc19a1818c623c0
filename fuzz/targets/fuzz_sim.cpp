// The fuzz target on the simulator, for libFuzzer and AFL++: bytes become a scenario and a schedule.
//
// Job: the engine's entry. sim_input.h says what the bytes mean. A finding ends the process by abort(), so that the engine
// keeps the input; replay_sim runs it again. With RCUFARM_FEEDBACK=edges in the environment the engine is told of edges and
// of nothing else: for merging by edges (./farm corpus), and for whoever asks what the rest is worth (fuzz/judge).
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

#include "harness/sim/input_runner.h"
#include "harness/sim/sim_allocator.h"
#include "targets/feedback.h"
#include "targets/shown_input.h"

namespace {

using namespace rcufarm;

// Reset by each run: the same input gives the same run first and last.
harness::InputRunner& runner() {
  static harness::InputRunner runner(harness::linked_sim_allocator());
  return runner;
}

bool tells_of_edges_only() {
  static const char* const feedback = std::getenv("RCUFARM_FEEDBACK");
  return feedback != nullptr && std::string_view(feedback) == "edges";
}

}  // namespace

// Before the first input, and before AFL++ forks: a machine is made once, and not for each process. It has no thread.
extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  runner();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const targets::ShownInput shown(std::as_bytes(std::span(data, size)));
  harness::InputRunner& r = runner();
  if (!tells_of_edges_only()) {
    const targets::Feedback feedback = targets::feedback_memory();
    r.runner().set_reads_from_map(feedback.reads_from, targets::reads_from_places);
    r.runner().set_state_map(feedback.states, targets::state_places);
  }
  try {
    if (!r.run(std::as_bytes(std::span(data, size))).found()) return 0;
  } catch (const harness::UnknownWord& unknown) {
    // No input is at fault, and none shall be kept.
    std::fprintf(stderr, "rcufarm: %s\n", unknown.what());
    std::_Exit(2);
  }
  harness::tell(r.finding(), stderr);
  std::abort();
}
