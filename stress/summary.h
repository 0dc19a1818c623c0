// A run of the farm in words: the line that a terminal shows while it works, and the table at its end.
//
// Job: text from a snapshot; prints nothing. No state.
#pragma once

#include <string>

#include "stress/farm/snapshot.h"

namespace rcufarm::stress {

std::string progress_line(const Snapshot& snapshot);
std::uint64_t executions_of(const Snapshot& snapshot);
std::string summary(const Snapshot& snapshot);

}  // namespace rcufarm::stress
