// replay_native FILE: runs one scenario on real threads, without a fuzz engine.
//
// Job: read the file in any of its forms, run it as often as asked, and say what was found. Threads race by luck, so one
// try proves little: --tries. Exit 0: nothing found; 1: a finding; 2: bad use.
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "harness/native/native_run.h"
#include "harness/record.h"
#include "scenario/text.h"
#include "targets/input_file.h"

int main(int argc, char** argv) {
  using namespace rcufarm;
  std::string path;
  unsigned tries = 100;
  bool print_only = false;
  std::string write_to;
  CLI::App app("Runs a scenario on real threads and reports what its oracles find.");
  app.add_option("FILE", path, "a scenario: saved bytes, a fuzz engine's input, or text")->required();
  app.add_option("--tries", tries, "runs until something is found")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  app.add_flag("--print", print_only, "print the scenario as text and do not run it");
  app.add_option("--write", write_to, "save the scenario as bytes to this file and do not run it");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }

  const auto read = targets::read_scenario(path);
  if (const auto* error = std::get_if<std::string>(&read)) {
    std::fprintf(stderr, "replay_native: %s\n", error->c_str());
    return 2;
  }
  const auto& scenario = std::get<scenario::Scenario>(read);
  if (print_only) return std::fputs(scenario::print(scenario).c_str(), stdout) < 0 ? 2 : 0;
  if (!write_to.empty()) {
    if (const std::string error = targets::write_scenario(scenario, write_to); !error.empty()) {
      std::fprintf(stderr, "replay_native: %s\n", error.c_str());
      return 2;
    }
    return 0;
  }

  for (unsigned i = 1; i <= tries; ++i) {
    const harness::Outcome outcome = harness::run_native(scenario);
    if (outcome.findings.empty()) continue;
    std::printf("%sfound in try %u of at most %u\n", harness::describe(outcome.findings).c_str(), i, tries);
    harness::hand_over({.runs = i, .findings = outcome.findings});
    return 1;
  }
  std::printf("nothing found in %u tries\n", tries);
  return 0;
}
