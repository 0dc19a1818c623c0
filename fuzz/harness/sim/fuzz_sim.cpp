// The fuzz target on the simulator, for libFuzzer and AFL++: bytes become a scenario and a schedule.
//
// Job: the engine's entry. From the input's front comes the scenario, which delimits itself; its last byte says what else
// the run depends on; the bytes between are the schedule's decisions, read from the back, so that what is put into the
// scenario moves none of them. A finding ends the process by abort(), so that the engine keeps the input. Which store each
// load read is feedback: in libFuzzer's extra counters, and folded into AFL++'s map.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

#include "harness/sim/sim_allocator.h"
#include "harness/sim/sim_runner.h"
#include "oracle/signature.h"
#include "scenario/bytes.h"
#include "sim/random.h"
#include "sim/strategy_bytes.h"

namespace {

using namespace rcufarm;

constexpr std::size_t reads_from_places = std::size_t{1} << 14U;

#if defined(__linux__)
[[gnu::section("__libfuzzer_extra_counters")]]
#endif
std::uint8_t reads_from[reads_from_places];

// Decisions past these are not read: a schedule has few.
constexpr std::size_t decisions_max = 4096;
// Points of a run: enough for the longest scenario's plain order many times over.
constexpr std::uint64_t points_base = 50'000;
constexpr std::uint64_t points_per_operation = 2'000;

harness::SimConfig config_of(std::uint8_t byte, std::size_t operations) {
  harness::SimConfig config;
  config.points_max = points_base + points_per_operation * operations;
  config.settle = (byte & 3U) == 3;
  config.check_order = (byte & 12U) != 12;
  config.failures_max = (byte & 48U) == 48 ? 2 : 0;
  return config;
}

struct Target {
  harness::SimRunner runner{harness::linked_sim_allocator()};
  scenario::Scenario scenario;
  std::vector<std::uint8_t> decisions;
  sim::BytesStrategy strategy;

  Target() {
    decisions.reserve(decisions_max);
    runner.set_reads_from_map(reads_from, reads_from_places);
  }

  void run(std::span<const std::uint8_t> input) {
    const std::size_t consumed = scenario::decode_into(std::as_bytes(input), scenario);
    const std::span<const std::uint8_t> rest = input.subspan(std::min(consumed, input.size()));
    const std::uint8_t last = rest.empty() ? 0 : rest.back();
    const std::size_t count = rest.empty() ? 0 : std::min(rest.size() - 1, decisions_max);
    decisions.assign(rest.rbegin() + (rest.empty() ? 0 : 1),
                     rest.rbegin() + (rest.empty() ? 0 : 1) + static_cast<std::ptrdiff_t>(count));
    strategy.follow(decisions);
    strategy.begin_run(0);
    const harness::SimConfig config = config_of(last, scenario::total_ops(scenario));
    const harness::SimOutcome outcome = runner.run(scenario, config, strategy);
    if (!outcome.found()) return;
    const harness::SimFinding finding = runner.finding(outcome, scenario, config);
    std::fprintf(stderr, "rcufarm: finding: %s\nrcufarm: signature: %s\n%s", finding.detail.c_str(),
                 finding.signature.c_str(), to_text(finding).c_str());
    std::abort();
  }
};

}  // namespace

// AFL++'s, if it is there.
extern "C" {
[[gnu::weak]] extern std::uint8_t* __afl_area_ptr;
[[gnu::weak]] extern std::uint32_t __afl_map_size;
}

namespace {

void fold_into_afl_map() {
  if (&__afl_area_ptr == nullptr || &__afl_map_size == nullptr || __afl_area_ptr == nullptr || __afl_map_size == 0)
    return;
  for (std::size_t i = 0; i < reads_from_places; ++i) {
    if (reads_from[i] == 0) continue;
    std::uint8_t& place = __afl_area_ptr[sim::mixed(i) % __afl_map_size];
    place = static_cast<std::uint8_t>(std::min(255, place + reads_from[i]));
    reads_from[i] = 0;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Target target;  // reset by each run; the same input gives the same digest first and last
  target.run(std::span(data, size));
  fold_into_afl_map();
  return 0;
}
