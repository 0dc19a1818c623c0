// A short name for what went wrong, so that one fault found a hundred times is one finding.
//
// Job: from a report (sanitizer, libFuzzer, the target's own oracles) to a line without addresses, numbers, folders or line
// numbers. No state.
#pragma once

#include <string>
#include <string_view>

namespace rcufarm::session {

// The signature of a report. A line "rcufarm: signature: …" is the harness's own word and is taken as it is; then comes a
// sanitizer's message with the innermost function that it names, then libFuzzer's, then the first line of the report.
// An empty report gives "no report".
std::string signature(std::string_view report);

}  // namespace rcufarm::session
