// The command line: verbs, their flags, and what they mean.
//
// Job: the one place where the command is defined. Parsing, help, shell completion and the man page all come from it.
// Plain data; filled by CLI11.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/sim/strategies.h"
#include "machine/engine/memory_model.h"

namespace CLI {
class App;  // who parses includes CLI/CLI.hpp: it takes a compiler some seconds
}

namespace rcufarm::cli {

struct Options {
  std::string defect;  // of all verbs: which build of the allocator
  std::string target;  // of all verbs: another allocator, as "linux"

  // explore
  std::string strategy = "portfolio";
  double seconds = 0;           // 0: not given
  std::uint64_t schedules = 0;  // 0: not given
  std::uint64_t seed = 1;
  std::string scenario;
  std::string near;        // a finding; "": none
  std::string inputs;      // folder; "": none
  std::string new_inputs;  // folder; "": none
  std::string model;       // also of replay, defects, litmus: a memory model's name; "": as drawn, given, or the test's
  std::string order;       // "yes" or "no"; "": as drawn
  std::string points;      // "all" or "shared"; "": as the allocator is
  unsigned schedules_per_scenario = 0;  // 0: not given
  unsigned preemptions = 2;
  unsigned jobs = 1;
  bool keep_going = false;
  double minimize_seconds = 0;  // of all findings; 0: as long as the search
  std::string known;            // folder with findings that are not told again; "": none
  bool no_minimize = false;
  bool no_save = false;
  bool brief = false;
  std::string folder;  // that findings are saved in; "": findings_folder()

  // replay, minimize, show, asm
  std::string file;
  std::string out;
  std::string svg;
  unsigned times = 1;
  bool diagram = false;
  bool wide = false;  // of the picture

  // defects
  unsigned trials = 3;
  std::vector<std::string> strategies;
  std::vector<std::string> only;

  // prove, litmus
  std::vector<std::string> files;
  unsigned operations = 0;  // of all programs up to that; 0: those of the files
  std::string frontier;     // of a shared proof; "": none
  std::string part;         // of a proof that somebody else keeps; "": none
  std::uint64_t graphs = 100'000;

  // generate
  std::string what;

  bool json = false;
};

inline constexpr double explore_seconds_default = 60;
inline constexpr double defects_seconds_default = 60;
inline constexpr double seconds_most = 30.0 * 24 * 3600;

// "portfolio", …: all that harness::strategy_named knows, in order.
std::vector<std::string> strategy_names();

// The command, which writes what it parses into `options`; both must live as long as either is used.
std::unique_ptr<CLI::App> define_command(Options& options);

}  // namespace rcufarm::cli
