// AFL++'s map: edges have the front of it, and what follows is reserved for us.
//
// Job: ask AFL++'s runtime for places as instrumented code does, before its fork server tells afl-fuzz how large the map is.
// They are in a row, and edges have none of them.
#include <array>
#include <cstdio>
#include <cstdlib>

#include "targets/feedback.h"

// AFL++'s runtime.
extern "C" {
extern std::uint8_t* __afl_area_ptr;
void __sanitizer_cov_trace_pc_guard_init(std::uint32_t* begin, std::uint32_t* end);
}

namespace {

std::array<std::uint32_t, rcufarm::targets::reads_from_places + rcufarm::targets::state_places> places{};

// Before all constructors without a priority, of which the fork server may be one.
[[gnu::constructor(101)]] void reserve_places() {
  __sanitizer_cov_trace_pc_guard_init(places.data(), places.data() + places.size());
  if (places.back() - places.front() == places.size() - 1) return;
  std::fputs("fuzz_sim: its places in AFL++'s map are not in a row: unset AFL_INST_RATIO\n", stderr);
  std::abort();
}

}  // namespace

namespace rcufarm::targets {

Feedback feedback_memory() {
  std::uint8_t* first = __afl_area_ptr + places.front();
  return {first, first + reads_from_places};
}

}  // namespace rcufarm::targets
