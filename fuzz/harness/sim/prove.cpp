#include "harness/sim/prove.h"

#include <chrono>
#include <optional>
#include <thread>
#include <utility>

namespace rcufarm::harness {

namespace {
// The clock is looked at once in so many runs.
constexpr std::uint64_t runs_between_looks = 16;

// Of a shared proof: how long a claim is explored before what is left is given back, and where little else is open for others to
// take; after how long one counts as lost; and how long somebody waits who finds all claimed.
constexpr double claim_seconds = 0.5;
constexpr double claim_seconds_at_first = 0.05;
constexpr std::size_t few_nodes = 8;
constexpr std::int64_t claim_lost_seconds = 60;
constexpr std::chrono::milliseconds claims_wait{5};

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }

// What the exploration of a claim has seen.
struct Explored {
  std::uint64_t limited = 0;
  SimFinding finding;
};

// `goes_on` is asked now and then.
template <class GoesOn>
Explored explore_claim(SimRunner& runner, const scenario::Scenario& scenario, const SimConfig& config,
                       sim::DporStrategy& dpor, GoesOn goes_on) {
  Explored explored;
  // What was only learned is lost when the claim is left, so it is no reason to leave it.
  for (std::uint64_t run = 1; dpor.begin_run(run); run += dpor.learns() ? 0 : 1) {
    const SimOutcome outcome = runner.run(scenario, config, dpor);
    if (dpor.learns()) continue;
    if (outcome.machine.end != sim::End::given_up) {
      if (outcome.machine.end == sim::End::limit) ++explored.limited;
      if (outcome.found()) {
        explored.finding = runner.finding(outcome, scenario, config);
        break;
      }
    }
    if (run % runs_between_looks != 0) continue;
    if (!goes_on()) break;
  }
  return explored;
}

}  // namespace

ProveFigures figures_of(const SharedProof& proof) {
  ProveFigures figures;
  figures.search = proof.figures;
  figures.limited = proof.limited;
  const double explored = 1 - proof.frontier.open_share();
  figures.estimate = explored > 0 ? static_cast<double>(proof.figures.executions) / explored : 0;
  figures.seconds = proof.seconds;
  figures.complete = proof.frontier.is_done() && proof.limited == 0;
  return figures;
}

std::string explore_shared_proof(SimRunner& runner, const SharedProofFile& file, const ProveOptions& options) {
  const Clock::time_point began = Clock::now();
  double next_progress = 0;
  bool is_told_to_stop = false;
  ProveFigures figures;
  const auto goes_on = [&] {
    if (is_told_to_stop || (options.seconds_max != 0 && seconds_since(began) >= options.seconds_max)) return false;
    if (!options.progress || seconds_since(began) < next_progress) return true;
    next_progress = seconds_since(began) + options.progress_seconds;
    is_told_to_stop = !options.progress(figures);
    return !is_told_to_stop;
  };
  while (goes_on()) {
    std::optional<sim::Frontier::Claim> claim;
    SharedProof proof;
    std::string error = file.update([&](SharedProof& shared) {
      const std::int64_t now =
          std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
      if (shared.finding.empty()) claim = shared.frontier.claim(now, now + claim_lost_seconds);
      proof = shared;
      return claim.has_value();
    });
    if (!error.empty()) return error;
    figures = figures_of(proof);
    if (proof.is_over()) break;
    if (!claim) {
      std::this_thread::sleep_for(claims_wait);
      continue;
    }
    sim::DporStrategy dpor(claim->task);
    const double most = proof.frontier.nodes().size() <= few_nodes ? claim_seconds_at_first : claim_seconds;
    const Clock::time_point claimed = Clock::now();
    const Explored explored = explore_claim(runner, proof.scenario, proof.config, dpor,
                                            [&] { return goes_on() && seconds_since(claimed) < most; });
    if (dpor.differs())
      return file.path().string() +
             ": the program does something else than it did. Was it built from other sources? "
             "Remove the file, and begin the proof anew";
    error = file.update([&](SharedProof& shared) {
      if (!shared.frontier.give_back(*claim, dpor.leave())) return false;
      const sim::DporFigures& more = dpor.figures();
      shared.figures.executions += more.executions;
      shared.figures.blocked += more.blocked;
      shared.figures.missed += more.missed;
      shared.figures.steps += more.steps;
      shared.limited += explored.limited;
      shared.seconds += seconds_since(claimed);
      if (explored.finding && shared.finding.empty()) shared.finding = to_text(explored.finding);
      return true;
    });
    if (!error.empty()) return error;
  }
  return "";
}

ProveResult prove(SimRunner& runner, const scenario::Scenario& scenario, const SimConfig& config,
                  const ProveOptions& options) {
  const Clock::time_point began = Clock::now();
  ProveResult result;
  ProveFigures& figures = result.figures;
  sim::DporStrategy dpor;
  double next_progress = 0;
  Explored explored = explore_claim(runner, scenario, config, dpor, [&] {
    figures.seconds = seconds_since(began);
    if (options.seconds_max != 0 && figures.seconds >= options.seconds_max) return false;
    if (!options.progress || figures.seconds < next_progress) return true;
    next_progress = figures.seconds + options.progress_seconds;
    figures.search = dpor.figures();
    figures.estimate = dpor.estimate();
    return options.progress(figures);
  });
  result.finding = std::move(explored.finding);
  figures.limited = explored.limited;
  figures.search = dpor.figures();
  figures.estimate = dpor.estimate();
  figures.complete = dpor.complete() && figures.limited == 0;
  figures.seconds = seconds_since(began);
  return result;
}

}  // namespace rcufarm::harness
