// One smaller candidate after the other: does it still give the same finding?
//
// Job: what all passes of the minimiser share: the best so far, the budget, and the question. One minimisation owns it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "harness/sim/anchors.h"
#include "harness/sim/minimize.h"
#include "harness/sim/sim_runner.h"
#include "harness/sim/strategies.h"

namespace rcufarm::harness {

// What a candidate is made of.
struct Case {
  scenario::Scenario scenario;
  SimConfig config;
  std::vector<sim::Deviation> deviations;
};

// How large a failing run is. Fewer switches first, and those since destroy began count twice, since they are the ones to
// understand; then fewer departures from the plain order, then those that take options nearer to the plain one, then fewer
// points.
struct RunSize {
  std::uint64_t switches = 0;
  std::uint64_t switches_of_destroy = 0;
  std::size_t deviations = 0;
  std::uint64_t options = 0;  // how far they are from the plain ones, together
  std::uint64_t points = 0;

  friend bool operator<(const RunSize& a, const RunSize& b) {
    const auto order = [](const RunSize& s) {
      return std::tuple(s.switches + s.switches_of_destroy, s.switches_of_destroy, s.deviations, s.options, s.points);
    };
    return order(a) < order(b);
  }
};
RunSize size_of(const SimOutcome& outcome);

class Attempts {
 public:
  Attempts(SimRunner& runner, const SimFinding& finding, const MinimizeOptions& options);

  const Case& best() const { return best_; }
  const RunSize& size() const { return size_; }
  // Calls that each task of the best had begun before each operation.
  const std::vector<CallCounts>& calls() const { return calls_; }
  bool spent() const { return runs_ >= options_.runs_max || points_ >= points_max_ || over_; }
  // From now on it is spent when points() is this, or what the options allow.
  void allow_points(std::uint64_t points) { points_max_ = std::min(points, options_.points_max); }
  std::uint64_t runs() const { return runs_; }
  std::uint64_t points() const { return points_; }

  // Replays it. If it gives the signature, it becomes the best: always (`smaller_run` false: its scenario is smaller), or
  // only if its run is smaller.
  bool replay(const Case& candidate, bool smaller_run);
  // As replay(); if that fails, looks for another failing schedule, for so many runs: near its own, and anywhere.
  bool replay_or_search(const Case& candidate, unsigned runs);
  // Looks for a failing schedule of the candidate among all that there are; as replay() otherwise.
  bool search_anywhere(const Case& candidate, unsigned runs, bool smaller_run);
  // How many runs the last successful search_anywhere() took.
  unsigned last_search_runs() const { return last_search_runs_; }
  // Looks for a failing schedule of the best scenario with a smaller run.
  bool search_smaller(unsigned runs);
  // The same among all schedules of a candidate with at most so many preemptions, until points() is `enough`. True: these
  // were all.
  bool search_all(const Case& candidate, unsigned preemptions, std::uint64_t enough);

 private:
  bool run(const Case& candidate, sim::Strategy& strategy, bool smaller_run);
  bool search_near(const Case& candidate, unsigned runs, bool smaller_run);
  void take(const Case& candidate, const SimOutcome& outcome);

  SimRunner& runner_;
  const MinimizeOptions& options_;
  std::string signature_;
  bool is_endless_;
  Case best_;
  RunSize size_;  // of the best; none has run yet
  bool any_ = false;
  std::vector<CallCounts> calls_;
  Strategies anywhere_;
  unsigned last_search_runs_ = 0;
  std::uint64_t runs_ = 0;
  std::uint64_t points_ = 0;
  std::uint64_t points_max_;
  bool over_ = false;  // the budget
};

}  // namespace rcufarm::harness
