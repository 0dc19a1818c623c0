// A proof that several explorers share, and that can be stopped and gone on with: a file.
//
// Job: the program, the frontier of its search, the figures so far and the finding that ended it, as JSON. The file says all that is
// needed to go on. Each change reads the file, and writes it as a whole, while no other process of the machine (or of others, where
// their file system has locks) is at it: the lock is FILE.lock. Whoever dies leaves a claim that expires, and nothing else.
// An instance belongs to one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include "harness/sim/sim_config.h"
#include "machine/search/dpor_frontier.h"
#include "machine/search/strategy_dpor.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

struct SharedProof {
  std::string build;  // of the program that explores it
  scenario::Scenario scenario;
  SimConfig config;
  sim::Frontier frontier;
  sim::DporFigures figures;
  std::uint64_t limited = 0;
  double seconds = 0;   // of all explorers
  std::string finding;  // as text; "": none

  bool is_over() const { return frontier.is_done() || !finding.empty(); }
};

std::string to_text(const SharedProof& proof);
std::variant<SharedProof, std::string> shared_proof_from_text(std::string_view text);

class SharedProofFile {
 public:
  explicit SharedProofFile(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  bool exists() const { return std::filesystem::exists(path_); }
  // Writes it, if there is no file yet. "", or why not.
  std::string create(const SharedProof& proof) const;
  std::variant<SharedProof, std::string> read() const;
  // `change` is called once, with what the file has; it is written again where that says true. "", or why not.
  std::string update(const std::function<bool(SharedProof&)>& change) const;

 private:
  std::variant<SharedProof, std::string> read_locked() const;
  std::string write_locked(const SharedProof& proof) const;

  std::filesystem::path path_;
};

}  // namespace rcufarm::harness
