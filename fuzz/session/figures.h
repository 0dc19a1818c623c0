// What an engine tells of itself, and what a session ends with.
//
// Job: plain values that the engines fill and the progress lines and the summary read. Owned by whoever holds them; the
// session has one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace rcufarm::session {

enum class EngineKind : std::uint8_t { libfuzzer, afl };
enum class Sanitizer : std::uint8_t { none, address, undefined, thread };

struct Figures {
  std::uint64_t executions = 0;  // inputs run
  bool estimated = false;        // executions go on from the last figure told, at the rate told
  double rate = 0;               // executions per second
  std::uint64_t edges = 0;       // coverage, in the engine's own unit (points instrumented), reached
  std::uint64_t edges_all = 0;   // … and there; 0: not told
  std::uint64_t corpus = 0;      // inputs that the engine keeps
};

// An input that failed, as its engine saved it. The signature is empty if only a replay can tell it.
struct Failure {
  std::filesystem::path input;
  std::string signature;
};

// Failures of one signature.
struct Finding {
  std::string signature;
  std::vector<std::filesystem::path> inputs;  // the first one first
  std::filesystem::path replay;               // the program that runs an input again
  std::string engine;
};

struct EngineSummary {
  std::string label;  // "libFuzzer+ASan"
  double seconds = 0;
  Figures figures;
  std::size_t failures = 0;
  std::vector<std::string> troubles;  // why it could not work: no verdict on the target
};

struct Summary {
  std::vector<EngineSummary> engines;
  std::vector<Finding> findings;
  std::filesystem::path folder;
};

}  // namespace rcufarm::session
