// libFuzzer's extra counters: what lies in this section is looked through as if it were edges.
#include "targets/feedback.h"

namespace {

[[gnu::section("__libfuzzer_extra_counters")]] std::uint8_t
    counters[rcufarm::targets::reads_from_places + rcufarm::targets::state_places];

}  // namespace

namespace rcufarm::targets {

Feedback feedback_memory() { return {counters, counters + reads_from_places}; }

}  // namespace rcufarm::targets
