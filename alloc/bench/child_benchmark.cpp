#include "bench/child_benchmark.h"

#include <benchmark/benchmark.h>

#include "bench/clocks.h"

namespace rcufarm::bench {
namespace {

void run_case(benchmark::State& state, const std::string& case_name, const Settings& settings) {
  for (auto _ : state) {
    const std::int64_t begin_ns = wall_ns();
    const CaseResult result = run_in_child(case_name, settings);
    state.SetIterationTime(static_cast<double>(wall_ns() - begin_ns) / static_cast<double>(ns_per_s));
    if (const auto* error = std::get_if<CaseError>(&result)) return state.SkipWithError(error->text.c_str());
    for (const auto& [name, value] : std::get<Figures>(result)) state.counters[name] = value;
  }
}

}  // namespace

void register_child_case(const std::string& benchmark_name, const std::string& case_name, const Settings& settings) {
  benchmark::RegisterBenchmark(benchmark_name.c_str(),
                               [case_name, settings](benchmark::State& state) { run_case(state, case_name, settings); })
      ->Iterations(1)
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond);
}

}  // namespace rcufarm::bench
