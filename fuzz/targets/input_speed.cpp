// input_speed FOLDER: how many of a fuzz engine's inputs a second this build runs, without the engine.
//
// Job: the measure that an engine's rate is compared with: all files of a folder (a corpus), over and over. Exit 2: bad use.
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "harness/sim/input_runner.h"
#include "harness/sim/sim_allocator.h"
#include "targets/feedback.h"
#include "targets/input_file.h"

namespace {

using namespace rcufarm;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::vector<std::string> read_folder(const std::string& folder) {
  std::vector<std::string> inputs;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    auto content = targets::read_input_file(entry.path());
    if (auto* input = std::get_if<std::string>(&content)) inputs.push_back(std::move(*input));
  }
  return inputs;
}

// The explorer has a map of what was read from where, too.
void measure(const std::vector<std::string>& inputs, double seconds_min) {
  harness::InputRunner runner(harness::linked_sim_allocator());
  std::vector<std::uint8_t> reads_from(targets::reads_from_places);
  runner.runner().set_reads_from_map(reads_from.data(), reads_from.size());
  std::uint64_t runs = 0;
  std::uint64_t points = 0;
  double seconds = 0;
  for (const double begin = cpu_seconds(); seconds < seconds_min; seconds = cpu_seconds() - begin) {
    for (const std::string& input : inputs) {
      points += runner.run(std::as_bytes(std::span(input))).machine.points;
      ++runs;
    }
  }
  std::printf("%.0f inputs/s, %.1f M points/s, %.0f points an input\n", static_cast<double>(runs) / seconds,
              static_cast<double>(points) / seconds / 1e6, static_cast<double>(points) / static_cast<double>(runs));
}

}  // namespace

int main(int argc, char** argv) {
  std::string folder;
  double seconds = 5;
  CLI::App app("Runs a folder of fuzz_sim's inputs over and over and prints how many a second.");
  app.add_option("FOLDER", folder, "inputs, as a fuzz engine keeps them")->required()->check(CLI::ExistingDirectory);
  app.add_option("--seconds", seconds, "of CPU time, at least")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const std::vector<std::string> inputs = read_folder(folder);
  if (inputs.empty()) {
    std::fprintf(stderr, "input_speed: nothing to run in %s\n", folder.c_str());
    return 2;
  }
  measure(inputs, seconds);
  return 0;
}
