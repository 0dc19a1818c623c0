// replay_sim INPUT: runs one input of fuzz_sim, without a fuzz engine.
//
// Job: say what the input finds, and save it as a finding, which `rcufarm replay` draws and `rcufarm minimize` makes small.
// Exit 0: nothing found; 1: a finding; 2: bad use.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

#include <CLI/CLI.hpp>

#include "harness/sim/input_runner.h"
#include "harness/sim/sim_allocator.h"
#include "targets/input_file.h"

namespace {

using namespace rcufarm;

int complain(const std::string& message) {
  std::fprintf(stderr, "replay_sim: %s\n", message.c_str());
  return 2;
}

int replay(const std::string& input, const std::string& save_to) {
  harness::InputRunner runner(harness::linked_sim_allocator());
  const harness::SimOutcome& outcome = runner.run(std::as_bytes(std::span(input)));
  if (!outcome.found()) {
    std::printf("nothing found in %llu scheduling points\n", static_cast<unsigned long long>(outcome.machine.points));
    return 0;
  }
  const harness::SimFinding finding = runner.finding();
  harness::tell(finding, stdout);
  if (save_to.empty()) return 1;
  std::ofstream file(save_to, std::ios::binary | std::ios::trunc);
  file << to_text(finding);
  file.close();
  return file ? 1 : complain("cannot write " + save_to + ": " + std::strerror(errno));
}

}  // namespace

int main(int argc, char** argv) {
  std::string path;
  std::string save_to;
  CLI::App app("Runs an input of fuzz_sim on the simulator and reports what its oracles find.");
  app.add_option("INPUT", path, "a file that a fuzz engine saved")->required();
  app.add_option("--finding", save_to, "save the finding to this file, for rcufarm replay and rcufarm minimize");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const auto content = targets::read_input_file(path);
  if (const auto* error = std::get_if<targets::InputFileError>(&content)) return complain(error->message);
  return replay(std::get<std::string>(content), save_to);
}
