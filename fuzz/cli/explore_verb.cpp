// explore: search, minimise what is found, save it, draw it.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <set>
#include <tuple>

#include "cli/drawing.h"
#include "cli/files.h"
#include "cli/input.h"
#include "cli/input_folder.h"
#include "cli/jobs.h"
#include "cli/json.h"
#include "cli/present.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "harness/record.h"
#include "harness/sim/determinism.h"
#include "harness/sim/harden.h"
#include "harness/sim/input_runner.h"
#include "harness/sim/strongest.h"
#include "report/text.h"

namespace rcufarm::cli {

namespace {

struct Reported {
  const harness::ExploreFinding* found = nullptr;
  Drawing drawing;
  harness::MinimizeFigures minimize;
  std::vector<harness::NotShown> not_shown;
  std::filesystem::path file;  // "" if it was not saved
  std::string trouble;         // why not, if it should have been
};

using Clock = harness::Budget::Clock;

class Explore {
 public:
  Explore(const Program& program, const Options& options)
      : program_(program), options_(options), runner_(*program.allocator), progress_(!options.json) {}

  int run() {
    harness::ExploreOptions explore;
    if (const std::string error = prepare(explore); !error.empty()) return complain(error);
    JobsResult searched = search(explore);
    if (const auto* error = std::get_if<std::string>(&searched)) return complain(*error);
    const harness::ExploreResult& result = std::get<harness::ExploreResult>(searched);
    if (const std::string error = novelties_.write(options_.new_inputs); !error.empty()) return complain(error);
    const std::vector<Reported> reports = report_all(result);
    progress_.clear();
    options_.json ? print_as_json(result, reports) : print(result, reports);
    harness::hand_over(record_of(result, reports));
    for (const Reported& r : reports) {
      if (!r.trouble.empty()) return complain(r.trouble);
    }
    return reports.empty() ? exit_nothing_found : exit_finding;
  }

 private:
  // The worst first, both in what is told and in who gets time; among equals what the strongest machine shows.
  std::vector<Reported> report_all(const harness::ExploreResult& result) {
    std::vector<const harness::ExploreFinding*> found;
    for (const harness::ExploreFinding& one : result.findings) {
      const harness::SimFinding& f = one.finding;
      if (!known_.contains(f.signature) && !known_.contains(f.former_signature)) found.push_back(&one);
    }
    std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) {
      return std::tuple(oracle::gravity_of(a->finding.kind), a) < std::tuple(oracle::gravity_of(b->finding.kind), b);
    });
    schedules_ = result.figures.schedules;
    minimize_end_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                       std::chrono::duration<double>(minimize_seconds(result.figures.seconds)));
    std::vector<Reported> reports;
    for (const harness::ExploreFinding* one : found) {
      left_ = found.size() - reports.size();
      Reported r = report(*one);
      // (clang 19 refuses libstdc++ 12's stable_sort.)
      const auto behind = std::upper_bound(reports.begin(), reports.end(), r, [](const Reported& x, const Reported& y) {
        return rank_of(x.drawing.finding) < rank_of(y.drawing.finding);
      });
      reports.insert(behind, std::move(r));
    }
    return reports;
  }

  // No longer than the search took, or might have taken; where nothing but schedules bound that, nothing but runs bounds this.
  double minimize_seconds(double searched) const {
    if (options_.minimize_seconds > 0) return options_.minimize_seconds;
    if (options_.schedules != 0) return options_.seconds > 0 ? options_.seconds : seconds_most;
    return std::max(searched, options_.seconds > 0 ? options_.seconds : explore_seconds_default);
  }

  // Of what is left, this finding's part; or a share of that, where something comes behind it.
  harness::Budget budget(const std::string& doing, double share) {
    const double left = std::chrono::duration<double>(minimize_end_ - Clock::now()).count();
    return {std::max(left, 0.0) / static_cast<double>(left_) * share, [this, doing](std::uint64_t runs) {
              progress_.show(fmt::format("{}: {}", doing, count_of(runs, "run")));
              return !Progress::interrupted();
            }};
  }

  // Of the findings below a folder, as they were saved.
  static std::set<std::string> signatures_below(const std::string& folder) {
    std::set<std::string> signatures;
    std::error_code error;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
      if (entry.path().extension() != ".finding") continue;
      const auto finding = read_finding(entry.path());
      if (const auto* read = std::get_if<harness::SimFinding>(&finding)) signatures.insert(read->signature);
    }
    return signatures;
  }

  JobsResult search(const harness::ExploreOptions& explore) {
    if (options_.jobs == 1) return harness::explore(runner_, explore);
    return explore_side_by_side(runner_, *program_.allocator, explore, options_.jobs);
  }

  // What several explorers cannot share; "": nothing.
  std::string refused_of_jobs(const harness::ExploreOptions& explore) const {
    if (options_.jobs == 1) return "";
    if (explore.strategy == harness::StrategyKind::exhaustive || explore.strategy == harness::StrategyKind::dpor) {
      return "--jobs: an exhaustive search is one search, and its schedules have one order. Leave --jobs away; a proof "
             "of one "
             "program is shared by: rcufarm prove INPUT --jobs N";
    }
    if (!options_.new_inputs.empty()) {
      return "--jobs with --new-inputs: what is new to one explorer may be known to another. Leave one of them away";
    }
    return "";
  }

  std::string prepare(harness::ExploreOptions& explore) {
    explore.seed = options_.seed;
    harness::strategy_named(options_.strategy, explore.strategy);
    if (std::string refused = refused_of_jobs(explore); !refused.empty()) return refused;
    explore.schedules_max = options_.schedules;
    explore.seconds_max = options_.seconds;
    if (options_.seconds == 0 && options_.schedules == 0) explore.seconds_max = explore_seconds_default;
    explore.schedules_per_scenario = options_.schedules_per_scenario;
    explore.asks_where_shared = options_.points.empty() ? program_.allocator->announced : options_.points == "shared";
    explore.keep_going = options_.keep_going;
    explore.preemptions_max = options_.preemptions;
    if (!program_.allocator->orders_by_cpp) explore.check_order = false;
    if (sim::MemoryModel model{}; sim::model_named(options_.model, model)) {
      explore.model = model;
      // What can come of a missing order is acted out there, and accused only where somebody asks for it.
      if (model != sim::MemoryModel::sc) explore.check_order = false;
    }
    if (!options_.near.empty()) {
      if (std::string refused = prepare_near(explore); !refused.empty()) return refused;
    }
    if (!options_.order.empty()) explore.check_order = options_.order == "yes";
    if (!options_.scenario.empty()) {
      Input input = read_input(options_.scenario, program_.allocator->language);
      if (const auto* error = std::get_if<InputError>(&input)) return error->message;
      if (auto* finding = std::get_if<harness::SimFinding>(&input)) {
        explore.config = finding->config;
        scenario_ = std::move(finding->scenario);
      } else {
        scenario_ = std::get<scenario::Scenario>(std::move(input));
      }
      explore.scenario = &scenario_;
    }
    if (!options_.inputs.empty()) {
      auto given = read_input_folder(options_.inputs, options_.seed);
      if (const auto* error = std::get_if<InputError>(&given)) return error->message;
      explore.given = std::move(std::get<std::vector<harness::DrawnScenario>>(given));
    }
    if (!options_.new_inputs.empty()) {
      if (std::string error = made_folder(options_.new_inputs, "--new-inputs"); !error.empty()) return error;
      explore.on_new_pairs = [this](const harness::DrawnScenario& drawn) { novelties_.add(drawn); };
    }
    if (!options_.known.empty()) known_ = signatures_below(options_.known);
    if (!options_.no_save) {
      if (std::string error = made_folder(options_.folder, "--findings"); !error.empty()) return error;
    }
    explore.progress = [this](const harness::ExploreFigures& figures) {
      progress_.show(progress_line(figures, figures.failing_schedules == 0 ? 0 : 1, progress_.columns()));
      return !Progress::interrupted();
    };
    return "";
  }

  std::string prepare_near(harness::ExploreOptions& explore) {
    if (explore.strategy == harness::StrategyKind::exhaustive || explore.strategy == harness::StrategyKind::dpor) {
      return "--near: an exhaustive search has its own order of schedules. Leave --strategy away; or, to run all of "
             "the "
             "finding's scenario: --scenario FINDING";
    }
    Input input = read_input(options_.near, program_.allocator->language);
    if (const auto* error = std::get_if<InputError>(&input)) return error->message;
    auto* finding = std::get_if<harness::SimFinding>(&input);
    if (finding == nullptr) {
      return fmt::format("--near: {} is a scenario, which no schedule belongs to. Give a finding, or: --scenario {}",
                         options_.near, options_.near);
    }
    near_ = std::move(*finding);
    explore.near = &near_;
    explore.check_order.reset();  // as the finding was met
    return "";
  }

  static std::string made_folder(const std::string& folder, const char* flag) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    return error ? fmt::format("cannot make the folder {}: {}. Give another: {}", folder, error.message(), flag) : "";
  }

  Reported report(const harness::ExploreFinding& found) {
    Reported r;
    r.found = &found;
    harness::SimFinding finding = found.finding;
    finding.schedule.config = build_line(program_);
    // What the minimised program shows of it may be easier to come by than what the whole one does.
    if (finding.kind == oracle::Kind::nondeterminism) {
      r.drawing = not_drawn(finding);
    } else {
      // Small first: each question for a stronger model is thousands of runs, of a finding as it was met all of the time.
      constexpr double half = 0.5;
      const bool harder = harden(finding);
      minimize(finding, r.minimize, half);
      if (!harder && harden(finding)) minimize(finding, r.minimize, half);
      if (strengthen(finding, r.not_shown, half)) minimize(finding, r.minimize, 1);
      r.drawing = draw(program_, runner_, finding);
      if (!r.drawing.finding) r.drawing = not_drawn(harness::not_seen_again(runner_, finding));
    }
    if (!options_.no_save) {
      r.file = finding_file(program_, options_.folder, r.drawing.finding);
      const std::string error = write_file(r.file, head_of(r) + harness::to_text(r.drawing.finding));
      if (!error.empty()) r.trouble = error;
    }
    return r;
  }

  // With several findings, what comes of one may be another; and who asks for one wants no other.
  bool harden(harness::SimFinding& finding) {
    if (options_.keep_going || !options_.near.empty()) return false;
    progress_.show("looking behind " + finding.signature);
    harness::SimFinding harder = harness::harden(runner_, finding);
    if (!harder) return false;
    harder.schedule.config = finding.schedule.config;
    finding = std::move(harder);
    return true;
  }

  bool strengthen(harness::SimFinding& finding, std::vector<harness::NotShown>& not_shown, double share) {
    harness::Budget budget = this->budget("looking for the strongest model of " + finding.signature, share);
    return harness::find_strongest_model(runner_, finding, not_shown, &budget);
  }

  void minimize(harness::SimFinding& finding, harness::MinimizeFigures& figures, double share) {
    if (options_.no_minimize) return;
    harness::Budget budget = this->budget("minimizing " + finding.signature, share);
    const harness::MinimizeOptions bounded{.budget = &budget};
    if (harness::SimFinding small = harness::minimize(runner_, finding, bounded, &figures)) finding = std::move(small);
  }

  // Is it told what a finding takes? This project's allocator is written by C++'s rules, so that under sc nobody asks.
  bool tells_what_it_takes(const Reported& r) const {
    return !program_.allocator->orders_by_cpp || r.found->finding.config.model != sim::MemoryModel::sc;
  }

  // What a reader of the file has to know first.
  std::string head_of(const Reported& r) const {
    const bool parted = r.drawing.finding.kind == oracle::Kind::nondeterminism;
    if (!tells_what_it_takes(r) || parted) return "";
    return fmt::format("# {}\n# Seen in {} of {} ({}).\n", shown(r.drawing.finding, r.not_shown),
                       with_commas(r.found->seen), count_of(schedules_, "schedule"),
                       oracle::name_of(oracle::gravity_of(r.drawing.finding.kind)));
  }

  static std::string brief(const Reported& r) {
    std::string text = r.drawing.diagram.signature + "\n";
    for (const report::AccusedLine& line : r.drawing.diagram.accused) {
      text += fmt::format("  {} by {}: {}\n", line.role, line.who, line.where);
      if (!line.source.empty()) text += fmt::format("    {}\n", line.source);
    }
    return text;
  }

  void print(const harness::ExploreResult& result, const std::vector<Reported>& reports) const {
    bool only_accused = false;
    for (const Reported& r : reports) {
      if (!only_accused && tells_what_it_takes(r) && oracle::is_missing_order(r.drawing.finding.kind)) {
        only_accused = true;
        fmt::print("== missing order: accused by vector clocks alone\n\n");
      }
      fmt::print("{}", options_.brief ? brief(r) : report::to_text(r.drawing.diagram));
      const bool parted = r.drawing.finding.kind == oracle::Kind::nondeterminism;
      fmt::print("\nFound by {} in schedule {}{} after {:.2f} s", r.found->strategy,
                 with_commas(r.found->at_schedule + 1),
                 r.found->explorer == 0 ? "" : fmt::format(" of explorer {}", r.found->explorer), r.found->at_seconds);
      if (r.found->seen > 1) fmt::print(", and in {} more", count_of(r.found->seen - 1, "schedule"));
      fmt::print(".\n");
      if (tells_what_it_takes(r) && !parted) fmt::print("{}\n", shown(r.drawing.finding, r.not_shown));
      if (!parted && r.found->finding.signature != r.drawing.finding.signature) {
        fmt::print("First seen as `{}`; this is what can come of it.\n", r.found->finding.signature);
      }
      if (!options_.no_minimize && !parted) fmt::print("Minimized: {}.\n", minimized(r.minimize));
      if (!r.file.empty()) {
        fmt::print("Saved as {}\nReplay:  {} --diagram\n", short_path(r.file), replay_command(program_, r.file));
        if (!parted && (options_.no_minimize || !r.minimize.complete)) {
          fmt::print("Smaller: {}\n", minimize_command(program_, r.file));
        }
      }
      fmt::print("\n");
    }
    if (reports.empty()) {
      fmt::print("Nothing found in {}.\n", searched(result.figures));
    } else {
      fmt::print("{} in {}.\n", count_of(reports.size(), "finding"), searched(result.figures));
    }
    if (Progress::interrupted()) fmt::print("Stopped before its time.\n");
  }

  static harness::RunRecord record_of(const harness::ExploreResult& result, const std::vector<Reported>& reports) {
    harness::RunRecord record{.runs = result.figures.schedules, .reads_from_pairs = result.figures.reads_from_pairs};
    for (const Reported& r : reports) {
      harness::Finding told = r.drawing.told;
      told.seen = r.found->seen;
      told.seconds = r.found->at_seconds;
      told.file = r.file;
      record.findings.push_back(std::move(told));
    }
    return record;
  }

  void print_as_json(const harness::ExploreResult& result, const std::vector<Reported>& reports) const {
    nlohmann::json findings = nlohmann::json::array();
    for (const Reported& r : reports) {
      const bool acted_out = !oracle::is_missing_order(r.drawing.finding.kind);
      nlohmann::json one = json_of(r.drawing.finding);
      one["at_schedule"] = r.found->at_schedule;
      one["at_seconds"] = r.found->at_seconds;
      one["strategy"] = r.found->strategy;
      one["explorer"] = r.found->explorer;
      one["seen"] = r.found->seen;
      one["needs"] = acted_out ? nlohmann::json(needs(r.drawing.finding.config.model)) : nlohmann::json(nullptr);
      one["not_shown_under"] = json_of(r.not_shown);
      one["first_seen_as"] = r.found->finding.signature;
      one["diagram"] = json_of(r.drawing.diagram);
      if (!options_.no_minimize) one["minimized"] = json_of(r.minimize);
      if (!r.file.empty()) {
        one["file"] = short_path(r.file);
        one["replay"] = replay_command(program_, r.file);
      }
      findings.push_back(std::move(one));
    }
    print_json({{"verb", "explore"},
                {"build", program_.build},
                {"build_line", build_line(program_)},
                {"strategy", options_.strategy},
                {"seed", options_.seed},
                {"jobs", options_.jobs},
                {"interrupted", Progress::interrupted()},
                {"searched", json_of(result.figures)},
                {"findings", std::move(findings)}});
  }

  const Program& program_;
  const Options& options_;
  harness::SimRunner runner_;
  scenario::Scenario scenario_;
  harness::SimFinding near_;
  std::set<std::string> known_;  // signatures that are not told again
  Clock::time_point minimize_end_;
  std::uint64_t schedules_ = 0;  // of the search
  std::size_t left_ = 1;         // findings that share the time up to there
  Novelties novelties_;
  Progress progress_;
};

}  // namespace

int explore_verb(const Program& program, const Options& options) { return Explore(program, options).run(); }

}  // namespace rcufarm::cli
