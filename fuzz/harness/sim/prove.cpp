#include "harness/sim/prove.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "harness/sim/small_programs.h"

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

// `goes_on` is asked now and then, between two runs.
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
    if (!goes_on(explored)) break;
  }
  return explored;
}

FrontierGain gain_of(const FrontierPart& part, sim::DporStrategy& dpor, const Explored& explored) {
  return {part.claim.node, part.claim.number, dpor.leave(),
          dpor.figures(),  explored.limited,  explored.finding ? to_text(explored.finding) : ""};
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
    std::optional<FrontierPart> part;
    SharedProof proof;
    std::string error = file.update([&](SharedProof& shared) {
      const std::int64_t now =
          std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
      part = claim_part(shared, now, now + claim_lost_seconds);
      proof = shared;
      return part.has_value();
    });
    if (!error.empty()) return error;
    figures = figures_of(proof);
    if (proof.is_over()) break;
    if (!part) {
      std::this_thread::sleep_for(claims_wait);
      continue;
    }
    sim::DporStrategy dpor(part->claim.task);
    const double most = proof.frontier.nodes().size() <= few_nodes ? claim_seconds_at_first : claim_seconds;
    const Clock::time_point claimed = Clock::now();
    const Explored explored = explore_claim(runner, proof.scenario, proof.config, dpor, [&](const Explored&) {
      return goes_on() && seconds_since(claimed) < most;
    });
    if (dpor.differs())
      return file.path().string() +
             ": the program does something else than it did. Was it built from other sources? "
             "Remove the file, and begin the proof anew";
    error = file.update(
        [&](SharedProof& shared) { return take_gain(shared, gain_of(*part, dpor, explored), seconds_since(claimed)); });
    if (!error.empty()) return error;
  }
  return "";
}

namespace {

// The programs of a row, one after another.
class RowExplorer {
 public:
  RowExplorer(SimRunner& runner, const ProgramRow& row, const std::string& build, const SimConfig& config,
              const PartOptions& options)
      : runner_(runner), row_(row), build_(build), config_(config), options_(options) {}

  void run(const scenario::Language& language) {
    std::vector<scenario::Scenario> programs;
    std::uint64_t before = 0;  // of fewer operations
    for (unsigned size = 1; size <= row_.operations; ++size) {
      before += programs.size();
      programs = programs_with(size, language);
      gain_.sizes.push_back(programs.size());
    }
    const std::uint64_t end = std::min<std::uint64_t>(row_.first + row_.count, before + programs.size());
    for (std::uint64_t place = std::max(row_.first, before); place < end && goes_on(); ++place) {
      if (!run_one(programs[place - before])) break;
    }
    save();
  }

 private:
  // False: it was stopped before its end.
  bool run_one(const scenario::Scenario& program) {
    SharedProof proof;
    proof.build = build_;
    proof.scenario = program;
    proof.config = config_;
    const auto part = claim_part(proof, 0, 1);
    sim::DporStrategy dpor(part->claim.task);
    const Clock::time_point began = Clock::now();
    const auto as_it_is = [&](const Explored& explored) {
      SharedProof now = proof;
      take_gain(now, gain_of(*part, dpor, explored), seconds_since(began));
      return now;
    };
    const Explored explored = explore_claim(runner_, program, config_, dpor, [&](const Explored& so_far) {
      if (is_due()) {
        gain_.begun = as_it_is(so_far);
        save();
        gain_.begun.reset();
      }
      return goes_on();
    });
    if (explored.finding) options_.found(explored.finding);
    SharedProof now = as_it_is(explored);
    if (!now.is_over()) {
      gain_.begun = std::move(now);
      return false;
    }
    ++(explored.finding ? gain_.wrong : now.limited != 0 ? gain_.limited : gain_.proven);
    gain_.executions += now.figures.executions;
    gain_.blocked += now.figures.blocked;
    if (is_due()) save();
    return true;
  }

  bool goes_on() const {
    return (options_.seconds_max == 0 || seconds_since(began_) < options_.seconds_max) &&
           (!options_.goes_on || options_.goes_on());
  }
  bool is_due() const { return seconds_since(saved_) >= options_.save_seconds; }
  void save() {
    options_.save({seconds_since(began_), gain_});
    saved_ = Clock::now();
  }

  SimRunner& runner_;
  const ProgramRow& row_;
  const std::string& build_;
  const SimConfig& config_;
  const PartOptions& options_;
  const Clock::time_point began_ = Clock::now();
  Clock::time_point saved_ = began_;
  RowGain gain_;
};

}  // namespace

bool explore_part(SimRunner& runner, const scenario::Language& language, const ProofPart& part, const SimConfig& config,
                  const PartOptions& options) {
  if (const auto* row = std::get_if<ProgramRow>(&part.what)) {
    RowExplorer(runner, *row, part.build, config, options).run(language);
    return true;
  }
  const auto& of_one = std::get<FrontierPart>(part.what);
  sim::DporStrategy dpor(of_one.claim.task);
  const Clock::time_point began = Clock::now();
  Clock::time_point saved = began;
  const auto save = [&](const Explored& explored) {
    options.save({seconds_since(began), gain_of(of_one, dpor, explored)});
    saved = Clock::now();
  };
  const Explored explored = explore_claim(runner, of_one.scenario, of_one.config, dpor, [&](const Explored& so_far) {
    if (seconds_since(saved) >= options.save_seconds) save(so_far);
    return (options.seconds_max == 0 || seconds_since(began) < options.seconds_max) &&
           (!options.goes_on || options.goes_on());
  });
  if (dpor.differs()) return false;
  if (explored.finding) options.found(explored.finding);
  save(explored);
  return true;
}

ProveResult prove(SimRunner& runner, const scenario::Scenario& scenario, const SimConfig& config,
                  const ProveOptions& options) {
  const Clock::time_point began = Clock::now();
  ProveResult result;
  ProveFigures& figures = result.figures;
  sim::DporStrategy dpor;
  double next_progress = 0;
  Explored explored = explore_claim(runner, scenario, config, dpor, [&](const Explored&) {
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
