// A short name for what went wrong, so that one fault found a hundred times is one finding.
//
// Job: from the record of a program of ours, or from a report of others (sanitizer, libFuzzer), to a line without addresses,
// numbers, folders or line numbers. No state.
#pragma once

#include <string>
#include <string_view>

#include "harness/record.h"

namespace rcufarm::session {

// The signature of a report: a sanitizer's message with the innermost function that it names, or else libFuzzer's, or else
// the first line. An empty report gives "no report".
std::string signature(std::string_view report);

// What a program that failed has found: the first finding of its record, or else what its report says. A record that cannot be
// read is a finding of its own, of kind crash.
harness::Finding first_finding(const harness::Received& received, std::string_view report);

}  // namespace rcufarm::session
