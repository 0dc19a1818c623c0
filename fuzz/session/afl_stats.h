// What AFL++ tells of itself: fuzzer_stats, StatsD and its log.
//
// Job: figures from the two formats. fuzzer_stats is complete, but AFL++ 4.04 writes it after a minute and at the end
// only; its StatsD packets come once a second and lack the number of all edges. No state.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "session/figures.h"

namespace rcufarm::session {

// The figures of a fuzzer_stats file; nothing if a needed line is missing (a file that is being written).
std::optional<Figures> parse_fuzzer_stats(std::string_view text);

// Updates `figures` by a StatsD packet ("fuzzing.execs_done:21311|g" lines); other names and lines are ignored.
void update_from_statsd(std::string_view packet, Figures& figures);

// AFL++'s own words for why it stopped: the text of "PROGRAM ABORT : …", without colours. Nothing in other lines.
std::optional<std::string> abort_reason(std::string_view line);

// The input that a dry run found failing: "id:000001,time:0,execs:0,orig:NAME" gives NAME. Nothing in other lines.
std::optional<std::string> failing_seed(std::string_view line);

}  // namespace rcufarm::session
