// defects: how fast is each planted defect found?
//
// Each trial is a process of the defect's build, with a seed of its own, one after the other: times are of one core.
// Exit 0: each defect was found by some strategy; 1: one was not.
#include <fmt/format.h>

#include <algorithm>

#include "cli/child.h"
#include "cli/defect_builds.h"
#include "cli/json.h"
#include "cli/present.h"
#include "cli/progress.h"
#include "cli/trials.h"
#include "cli/verbs.h"

namespace rcufarm::cli {

namespace {

constexpr double seconds_to_end = 60;  // that a trial may take beyond its time

class Defects {
 public:
  Defects(const Program& program, const Options& options)
      : program_(program), options_(options), progress_(!options.json) {
    seconds_ = options.seconds > 0 ? options.seconds : defects_seconds_default;
  }

  int run() {
    std::vector<DefectBuild> builds = defect_builds(program_);
    if (builds.empty()) {
      return complain("there are no builds with defects beside " + program_.self.string() +
                      ". Build them: cmake --preset release -D RCUFARM_DEFECTS=ON && cmake --build build/release "
                      "--target rcufarm-defects");
    }
    if (const std::string error = keep_wanted(builds); !error.empty()) return complain(error);
    const std::vector<std::string> strategies = options_.strategies.empty() ? strategy_names() : options_.strategies;
    for (const DefectBuild& build : builds) {
      for (const std::string& strategy : strategies) {
        if (!Progress::interrupted()) scores_.push_back(measure(build, strategy));
      }
    }
    progress_.clear();
    options_.json ? print_as_json() : print();
    return every_one_was_found() ? exit_nothing_found : exit_finding;
  }

 private:
  std::string keep_wanted(std::vector<DefectBuild>& builds) const {
    if (options_.only.empty()) return "";
    std::vector<DefectBuild> wanted;
    for (const std::string& text : options_.only) {
      const std::string number = defect_number(text);
      const auto build = std::find_if(builds.begin(), builds.end(), [&](const auto& b) { return b.number == number; });
      if (build == builds.end()) return "--only " + text + ": there is no such build beside this program";
      wanted.push_back(*build);
    }
    builds = std::move(wanted);
    return "";
  }

  Score measure(const DefectBuild& build, const std::string& strategy) {
    Score score{.defect = build.number, .strategy = strategy, .trials = {}, .signatures = {}, .trouble = {}};
    for (unsigned i = 0; i < options_.trials && score.trouble.empty() && !Progress::interrupted(); ++i) {
      progress_.show(fmt::format("defect {}, {}: trial {} of {}", build.number, strategy, i + 1, options_.trials));
      add_trial(score, build, i);
    }
    return score;
  }

  void add_trial(Score& score, const DefectBuild& build, unsigned index) const {
    std::vector<std::string> command = {build.path.string(),
                                        "explore",
                                        "--strategy",
                                        score.strategy,
                                        "--seconds",
                                        fmt::format("{}", seconds_),
                                        "--seed",
                                        fmt::format("{}", index + 1),
                                        "--json",
                                        "--no-save",
                                        "--no-minimize"};
    if (!options_.model.empty()) command.insert(command.end(), {"--model", options_.model});
    const ChildOutput child = run_child(command, seconds_ + seconds_to_end);
    const nlohmann::json said = nlohmann::json::parse(child.out, nullptr, false);
    if (!child.trouble.empty() || child.exit_code == exit_bad_use || !said.is_object()) {
      score.trouble = child.trouble.empty() ? fmt::format("it ended with {}", child.exit_code) : child.trouble;
      return;
    }
    Trial trial{.seconds = said["searched"]["seconds"]};
    trial.schedules = said["searched"]["schedules"];
    if (!said["findings"].empty()) {
      const nlohmann::json& first = said["findings"][0];
      trial = {true, first["at_schedule"].get<std::uint64_t>() + 1, first["at_seconds"]};
      score.signatures.insert(first["signature"].get<std::string>());
    }
    score.trials.push_back(trial);
  }

  bool every_one_was_found() const {
    return std::all_of(scores_.begin(), scores_.end(), [&](const Score& one) {
      return std::any_of(scores_.begin(), scores_.end(),
                         [&](const Score& other) { return other.defect == one.defect && other.hits() > 0; });
    });
  }

  void print() const {
    fmt::print("{}\n{} each of at most {} s on one core; `>` where half of them found nothing.\n", table_of(scores_),
               count_of(options_.trials, "trial"), seconds_);
    for (const Score& s : scores_) {
      if (!s.trouble.empty()) fmt::print("trouble: defect {}, {}: {}\n", s.defect, s.strategy, s.trouble);
    }
  }

  static nlohmann::json json_of(const Score::Median& median) {
    return median.reached ? nlohmann::json(median.value) : nlohmann::json(nullptr);
  }

  void print_as_json() const {
    nlohmann::json rows = nlohmann::json::array();
    for (const Score& s : scores_) {
      nlohmann::json trials = nlohmann::json::array();
      for (const Trial& t : s.trials)
        trials.push_back({{"found", t.found}, {"schedules", t.schedules}, {"seconds", t.seconds}});
      rows.push_back({{"defect", s.defect},
                      {"strategy", s.strategy},
                      {"hits", s.hits()},
                      {"trials", std::move(trials)},
                      {"median_schedules", json_of(s.median_schedules())},
                      {"median_seconds", json_of(s.median_seconds())},
                      {"signatures", s.signatures},
                      {"trouble", s.trouble}});
    }
    print_json(
        {{"verb", "defects"}, {"seconds_max", seconds_}, {"trials", options_.trials}, {"rows", std::move(rows)}});
  }

  const Program& program_;
  const Options& options_;
  double seconds_ = 0;
  Progress progress_;
  std::vector<Score> scores_;
};

}  // namespace

int defects_verb(const Program& program, const Options& options) { return Defects(program, options).run(); }

}  // namespace rcufarm::cli
