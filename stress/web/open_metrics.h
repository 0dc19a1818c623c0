// The metrics' text as OpenMetrics 1.0, and gzip.
//
// Job: what Prometheus asks for first. No state.
#pragma once

#include <string>
#include <string_view>

namespace rcufarm::stress {

// Does this Accept header name it, and not with a weight of 0?
bool wants_open_metrics(std::string_view accept);
// From the text format 0.0.4: a counter's family loses its _total, untyped is unknown, and an end is marked.
std::string open_metrics(const std::string& text);
std::string gzipped(const std::string& text);

}  // namespace rcufarm::stress
