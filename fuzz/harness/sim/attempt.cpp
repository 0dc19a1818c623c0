#include "harness/sim/attempt.h"

#include <algorithm>

#include "harness/sim/perturb.h"
#include "machine/search/strategy_exhaustive.h"
#include "machine/search/strategy_replay.h"
#include "oracle/signature.h"

namespace rcufarm::harness {

namespace {

// A failing run of a smaller candidate is hardly longer than the best one: what goes on for longer is given up.
constexpr std::uint64_t points_factor = 4;
constexpr std::uint64_t points_extra = 2000;
// A run that stalls takes half a second, and the smallest program has the same to show as the first: a few tries are enough.
constexpr std::uint64_t points_of_a_stall = 25'000'000;
constexpr std::uint64_t search_seed = 0x5eed;

}  // namespace

RunSize size_of(const SimOutcome& outcome) {
  std::uint64_t options = 0;
  for (const sim::Deviation& d : outcome.machine.deviations) options += d.value;
  return {outcome.machine.switches, outcome.switches_of_destroy.value_or(0), outcome.machine.deviations.size(), options,
          outcome.machine.points};
}

Attempts::Attempts(SimRunner& runner, const SimFinding& finding, const MinimizeOptions& options)
    : runner_(runner),
      options_(options),
      signature_(finding.signature),
      is_endless_(finding.kind == oracle::Kind::no_end),
      best_{finding.scenario, finding.config, finding.schedule.deviations},
      anywhere_(StrategyKind::portfolio, search_seed),
      points_max_(options.points_max) {}

bool Attempts::run(const Case& candidate, sim::Strategy& strategy, bool smaller_run) {
  SimConfig config = candidate.config;
  if (!is_endless_ && any_) {
    config.points_max = std::min(config.points_max, size_.points * points_factor + points_extra);
  }
  const SimOutcome outcome = runner_.run(candidate.scenario, config, strategy);
  ++runs_;
  over_ = options_.budget != nullptr && options_.budget->over_after_a_run(outcome.is_long());
  points_ += outcome.machine.points + (outcome.has_stalled() ? points_of_a_stall : 0);
  if (!outcome.found() || !oracle::is_signature_of(signature_, outcome.accusation)) return false;
  if (smaller_run && any_ && !(size_of(outcome) < size_)) return false;
  take(candidate, outcome);
  return true;
}

void Attempts::take(const Case& candidate, const SimOutcome& outcome) {
  size_ = size_of(outcome);
  any_ = true;
  best_.scenario = candidate.scenario;
  best_.config = candidate.config;
  // As the machine saw them: entries that did not fit are gone.
  best_.deviations.assign(outcome.machine.deviations.begin(), outcome.machine.deviations.end());
  calls_.resize(best_.scenario.tasks.size());
  for (unsigned i = 0; i < calls_.size(); ++i) calls_[i] = runner_.calls_before(i);
}

bool Attempts::replay(const Case& candidate, bool smaller_run) {
  sim::ReplayStrategy strategy(candidate.deviations);
  strategy.begin_run(0);
  return run(candidate, strategy, smaller_run);
}

bool Attempts::replay_or_search(const Case& candidate, unsigned runs) {
  if (replay(candidate, false)) return true;
  const unsigned near = runs / 4 * 3;
  return search_near(candidate, near, false) || search_anywhere(candidate, runs - near, false);
}

bool Attempts::search_smaller(unsigned runs) {
  const bool near = search_near(best_, runs / 2, true);
  return search_anywhere(best_, runs - runs / 2, true) || near;
}

bool Attempts::search_all(const Case& candidate, unsigned preemptions, std::uint64_t enough) {
  const Case copy = candidate;  // the best may be the candidate
  sim::ExhaustiveStrategy strategy(preemptions);
  for (std::uint64_t n = 0; points_ < enough && !spent() && strategy.begin_run(n); ++n) run(copy, strategy, true);
  return strategy.complete();
}

bool Attempts::search_near(const Case& candidate, unsigned runs, bool smaller_run) {
  const Case copy = candidate;  // the best may be the candidate
  sim::Random random(search_seed, copy.deviations.size());
  std::vector<sim::Deviation> neighbour;
  sim::ReplayStrategy strategy;
  bool better = false;
  for (unsigned i = 0; i < runs && !spent(); ++i) {
    perturb(copy.deviations, random, neighbour);
    strategy.follow(neighbour);
    strategy.begin_run(0);
    if (!run(copy, strategy, smaller_run)) continue;
    better = true;
    if (!smaller_run) return true;
  }
  return better;
}

bool Attempts::search_anywhere(const Case& candidate, unsigned runs, bool smaller_run) {
  const Case copy = candidate;  // the best may be the candidate
  bool better = false;
  for (unsigned left = runs; left > 0 && !spent();) {
    sim::Strategy& strategy = anywhere_.next();
    const std::uint64_t points_before = points_;
    bool hit = false;
    for (unsigned i = 0; i < batch_runs && left > 0 && !spent() && !hit; ++i, --left) {
      hit = strategy.begin_run(anywhere_.first_run() + i) && run(copy, strategy, smaller_run);
      better = better || hit;
      hit = hit && !smaller_run;
    }
    anywhere_.done(points_ - points_before);
    if (hit) {
      last_search_runs_ = runs - left;
      return true;
    }
  }
  return better;
}

}  // namespace rcufarm::harness
