// One session: engines run for a while, then what they found is replayed, named and counted.
//
// Job: the order of things, from seeds to summary. Owns the engines; one thread. Every process that it starts is gone when it
// returns.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "session/engine.h"
#include "session/figures.h"

namespace rcufarm::session {

struct SessionPlan {
  std::vector<EngineSpec> engines;
  std::chrono::seconds duration{60};
  // Engines at work at once. With fewer than there are engines they take turns, and share the duration.
  unsigned slots = 1;
  std::vector<std::filesystem::path> seeds;
  std::filesystem::path work;  // each session makes a folder of its own in it
  std::filesystem::path afl_mutator;
  std::filesystem::path dictionary;
  std::vector<std::string> libfuzzer_arguments;
  Limits limits;
};

struct Progress {
  std::chrono::duration<double> elapsed{};
  std::chrono::duration<double> duration{};
  std::vector<EngineSummary> engines;  // those at work now
};

// Callbacks into the caller.
struct Watcher {
  std::function<void(const Progress&)> progress;  // about ten times a second
  std::function<void(const std::string&)> note;   // a line of text about what goes on
  std::function<unsigned()> stops_asked;          // 1: stop fuzzing; 2: do not replay either
};

// Why the plan cannot be run on this host, one text for each reason; empty if it can.
std::vector<std::string> obstacles(const SessionPlan& plan);

// Runs the plan. The error says what is wrong with the folders.
std::variant<Summary, std::string> run_session(const SessionPlan& plan, const Watcher& watcher);

}  // namespace rcufarm::session
