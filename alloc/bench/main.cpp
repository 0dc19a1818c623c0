// bench_alloc: the allocator against others.
//
// Job: the command line. `bench_alloc` runs everything and prints the table; `bench_alloc --table[=FILE]` prints the
// table of an earlier run; flags of Google Benchmark go through (--benchmark_filter=^a, --benchmark_repetitions=3, …).
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/alloc_free.h"
#include "bench/baselines.h"
#include "bench/cases.h"
#include "bench/child_case.h"
#include "bench/ours.h"
#include "bench/results.h"
#include "bench/table.h"
#include "bench/targets.h"
#include "bench/tls_room.h"

namespace rcufarm::bench {
namespace {

const std::string default_output = "bench_alloc.json";
const std::string output_flag = "--benchmark_out=";
const std::string table_flag = "--table";

int print_table(const std::string& path) {
  const auto results = Results::read(path);
  if (const auto* error = std::get_if<std::string>(&results)) {
    std::fprintf(stderr, "bench_alloc: %s\n", error->c_str());
    return EXIT_FAILURE;
  }
  std::fputs(table_of(std::get<Results>(results)).c_str(), stdout);
  return EXIT_SUCCESS;
}

// Registers everything. The ring and the machine outlive the benchmarks.
bool register_all(Ring& ring, OurMachine& machine) {
  const auto add = [&ring](const std::string& name, const auto& subject) {
    register_alloc_free(name, subject);
    register_cross_cpu(name, subject, ring);
  };
  add(ours_cache, machine.cache_subject());
  add(ours_classes, machine.classes_subject());
  for (const std::string& name : baseline_names()) {
    const auto baseline = load_baseline(name);
    if (const auto* error = std::get_if<std::string>(&baseline)) {
      std::fprintf(stderr, "bench_alloc: %s cannot be compared with: %s\n", name.c_str(), error->c_str());
      return false;
    }
    add(name, MallocSubject(std::get<Baseline>(baseline)));
    benchmark::AddCustomContext("rcufarm_" + name, std::get<Baseline>(baseline).library);
  }
  add("loop-only", NoAllocator());
  register_child_cases();
  benchmark::AddCustomContext("rcufarm_compiler", __VERSION__);
  return true;
}

// What the run uses unless the command line says otherwise: a later flag wins.
std::vector<std::string> default_flags() {
  return {"--benchmark_repetitions=9", "--benchmark_enable_random_interleaving=true", "--benchmark_min_time=0.1",
          output_flag + default_output, "--benchmark_out_format=json"};
}

int run_all(int argc, char** argv) {
  std::vector<std::string> words{argv[0]};
  for (const std::string& flag : default_flags()) words.push_back(flag);
  std::string output = default_output;
  for (int i = 1; i < argc; ++i) {
    words.emplace_back(argv[i]);
    if (words.back().starts_with(output_flag)) output = words.back().substr(output_flag.size());
  }
  std::vector<char*> flags;
  flags.reserve(words.size() + 1);
  for (std::string& word : words) flags.push_back(word.data());
  int count = static_cast<int>(flags.size());
  flags.push_back(nullptr);

  benchmark::Initialize(&count, flags.data());
  if (benchmark::ReportUnrecognizedArguments(count, flags.data())) return EXIT_FAILURE;
  static Ring ring;
  OurMachine machine;
  if (!register_all(ring, machine)) return EXIT_FAILURE;
  const std::size_t ran = benchmark::RunSpecifiedBenchmarks();
  benchmark::ClearRegisteredBenchmarks();
  benchmark::Shutdown();
  return ran == 0 ? EXIT_FAILURE : print_table(output);
}

int run(int argc, char** argv) {
  if (is_child_call(argc, argv)) return child_main(argc, argv, child_cases());
  if (argc == 2 && argv[1] == table_flag) return print_table(default_output);
  if (argc == 2 && std::string(argv[1]).starts_with(table_flag + "=")) {
    return print_table(std::string(argv[1]).substr(table_flag.size() + 1));
  }
  return run_all(argc, argv);
}

}  // namespace
}  // namespace rcufarm::bench

int main(int argc, char** argv) {
  rcufarm::bench::ensure_tls_room(argv);
  return rcufarm::bench::run(argc, argv);
}
