// A child case as a benchmark.
//
// Job: register a case of child_case.h with Google Benchmark: one run of the child is one iteration, and its figures
// become counters. Called by main before the benchmarks run.
#pragma once

#include <string>

#include "bench/child_case.h"

namespace rcufarm::bench {

void register_child_case(const std::string& benchmark_name, const std::string& case_name, const Settings& settings);

}  // namespace rcufarm::bench
