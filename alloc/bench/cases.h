// The cases that run in a process of their own: (c), (d) and (e).
//
// Job: their names, their settings, and their functions for the child. Called by main.
#pragma once

#include <map>
#include <string>

#include "bench/child_case.h"

namespace rcufarm::bench {

// For child_main.
const std::map<std::string, CaseFunction>& child_cases();

// For the parent: registers a benchmark for each case and setting.
void register_child_cases();

}  // namespace rcufarm::bench
