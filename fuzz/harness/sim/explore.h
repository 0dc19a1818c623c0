// Exploring: many scenarios under many schedules, for a time or a number of runs.
//
// Job: the loop. Draws a scenario, runs it some times under the strategies' schedules, and keeps what is found, once for
// each signature. One thread. The same options (without a limit of time) give the same findings and figures.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/sim/draw.h"
#include "harness/sim/guide.h"
#include "harness/sim/sim_finding.h"
#include "harness/sim/sim_runner.h"
#include "harness/sim/strategies.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

struct ExploreFigures;

struct ExploreOptions {
  std::uint64_t seed = 1;  // hashed
  StrategyKind strategy = StrategyKind::portfolio;
  double seconds_max = 0;               // 0: no limit
  std::uint64_t schedules_max = 0;      // 0: no limit
  unsigned schedules_per_scenario = 0;  // of a random search: so many in a row. 0: what suits (explore.cpp)
  // Is a random search asked only where contexts share words (sim/sharing.h)?
  bool asks_where_shared = false;
  bool keep_going = false;                       // else stops at the first finding
  unsigned findings_max = 64;                    // distinct signatures; then it stops
  unsigned preemptions_max = 2;                  // of StrategyKind::exhaustive
  const scenario::Scenario* scenario = nullptr;  // null: random ones
  SimConfig config;                              // with `scenario`; random scenarios draw theirs
  // Is this still there? Instead of `scenario`: its scenario, its config, and half of the points for its schedule and neighbours of
  // that. The search ends with it, and goes on behind others. Of a search that comes to its own end it must be null.
  const SimFinding* near = nullptr;
  // Half of the points go to these, as others have found worth keeping, and half to random ones. May be empty.
  std::vector<DrawnScenario> given;
  // A random scenario reached a pair of store and load that none before it did, and nothing wrong. May be empty.
  std::function<void(const DrawnScenario&)> on_new_pairs;
  std::optional<sim::MemoryModel> model;  // SimConfig::model of every run; empty: as drawn or given
  std::optional<bool> check_order;        // SimConfig::check_order of every run; empty: as drawn
  // Called about every progress_seconds; false: stop. May be empty.
  std::function<bool(const ExploreFigures&)> progress;
  double progress_seconds = 0.5;
  // Of several explorers that search side by side: where the first finding ends the search, the lowest number of a schedule
  // that found something, plus one; nobody goes further. Null: there is one explorer.
  std::atomic<std::uint64_t>* enough = nullptr;
  // The map of reads-from pairs, of `reads_from_places` bytes, all 0, for who wants it afterwards. May be null.
  std::uint8_t* reads_from = nullptr;
};

struct ExploreFigures {
  std::uint64_t schedules = 0;
  std::uint64_t given_up = 0;  // runs beside those schedules that their strategy gave up; they count nowhere else
  std::uint64_t scenarios = 0;
  std::uint64_t guided_scenarios = 0;  // of these: changes of earlier ones (guide.h)
  std::uint64_t large_scenarios = 0;   // of these: with more than four CPUs or more than four tasks
  std::uint64_t points = 0;
  std::uint64_t unasked = 0;  // of these, with ExploreOptions::asks_where_shared
  std::uint64_t switches = 0;
  std::uint64_t weak_schedules = 0;  // of the schedules: under a model weaker than sc
  std::uint64_t store_choices =
      0;  // in these: loads that had several stores to read, stores and frees that could go before others
  std::uint64_t operations = 0;  // of the scenarios, that ran
  std::uint64_t skipped = 0;
  std::uint64_t reads_from_pairs = 0;  // distinct (place of a store, place of a load that read it)
  std::uint64_t failing_schedules = 0;
  std::uint64_t limited = 0;  // schedules that a limit of the simulator ended: they prove nothing
  double seconds = 0;
  bool is_exhaustive = false;
  // Of an exhaustive search: preemptions up to which every schedule was run; -1: none.
  int completed_preemptions = -1;
  // Of StrategyKind::dpor: scenarios all of whose executions were run.
  std::uint64_t proven_scenarios = 0;
};

struct ExploreFinding {
  SimFinding finding;
  std::uint64_t seen = 1;         // schedules that gave this signature
  std::uint64_t at_schedule = 0;  // the number of the first, from 0
  double at_seconds = 0;
  std::string strategy;   // that found it first
  unsigned explorer = 0;  // of several, which one found it: from 1. 0: there was one
};

struct ExploreResult {
  ExploreFigures figures;
  std::vector<ExploreFinding> findings;  // in the order in which they were found
};

// One run more.
void count_run(ExploreFigures& figures, const SimOutcome& outcome);

ExploreResult explore(SimRunner& runner, const ExploreOptions& options);

// Does a search end when this was found?
bool ends_with(const ExploreOptions& options, const SimFinding& finding);

}  // namespace rcufarm::harness
