// prove: every execution of a program, or of all small ones, one of each class of equivalent ones.
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdio>

#include "cli/drawing.h"
#include "cli/files.h"
#include "cli/input.h"
#include "cli/json.h"
#include "cli/present.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "harness/sim/determinism.h"
#include "harness/sim/minimize.h"
#include "harness/sim/prove.h"
#include "harness/sim/small_programs.h"
#include "report/text.h"

namespace rcufarm::cli {

namespace {

class Prove {
 public:
  Prove(const Program& program, const Options& options)
      : program_(program), options_(options), runner_(*program.allocator), progress_(!options.json) {}

  int run() {
    if (options_.operations != 0) return run_all_programs();
    int code = exit_nothing_found;
    nlohmann::json all = nlohmann::json::array();
    for (const std::string& file : options_.files) {
      Input input = read_input(file);
      if (const auto* error = std::get_if<InputError>(&input)) return complain(error->message);
      harness::SimConfig config;
      scenario::Scenario scenario;
      if (auto* finding = std::get_if<harness::SimFinding>(&input)) {
        config = finding->config;
        scenario = std::move(finding->scenario);
      } else {
        scenario = std::get<scenario::Scenario>(std::move(input));
      }
      set_model(config);
      const harness::ProveResult result = harness::prove(runner_, scenario, config, limits());
      progress_.clear();
      if (result.finding) code = exit_finding;
      if (const int error = tell(file, config, result, all); error != exit_nothing_found) return error;
      if (Progress::interrupted()) break;
    }
    if (options_.json)
      print_json({{"verb", "prove"}, {"build_line", build_line(program_)}, {"programs", std::move(all)}});
    return code;
  }

 private:
  // All programs up to a size, the smallest first.
  int run_all_programs() {
    const auto began = std::chrono::steady_clock::now();
    std::uint64_t programs = 0;
    std::uint64_t executions = 0;
    nlohmann::json all = nlohmann::json::array();
    harness::SimConfig config;
    set_model(config);
    for (unsigned size = 1; size <= options_.operations; ++size) {
      const std::vector<scenario::Scenario> of_size = harness::programs_with(size);
      for (std::size_t i = 0; i < of_size.size(); ++i) {
        harness::ProveOptions bounds = limits();
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began;
        if (bounds.seconds_max != 0) bounds.seconds_max -= passed.count();
        const bool is_time = bounds.seconds_max < 0 || Progress::interrupted();
        const harness::ProveResult result =
            is_time ? harness::ProveResult{} : harness::prove(runner_, of_size[i], config, bounds);
        progress_.clear();
        executions += result.figures.search.executions;
        if (result.finding) {
          nlohmann::json one;
          const std::string error = report(result.finding, one, result.figures);
          if (!error.empty()) return complain(error);
          if (options_.json) print_json({{"verb", "prove"}, {"programs", programs}, {"finding", one["finding"]}});
          return exit_finding;
        }
        if (!result.figures.complete) {
          if (options_.json) {
            print_json({{"verb", "prove"}, {"sizes", all}});
          } else {
            fmt::print("not proven: of the programs with {}, {} of {} right\n", count_of(size, "operation"),
                       with_commas(i), with_commas(of_size.size()));
          }
          return exit_nothing_found;
        }
        ++programs;
      }
      all.push_back({{"operations", size}, {"programs", programs}, {"executions", executions}});
      if (!options_.json) {
        fmt::print("every program with at most {}, under {}: {}, {}, none fails\n", count_of(size, "operation"),
                   sim::name_of(config.model), count_of(programs, "program"), count_of(executions, "execution"));
        std::fflush(stdout);
      }
    }
    if (options_.json) print_json({{"verb", "prove"}, {"sizes", all}});
    return exit_nothing_found;
  }

  // As explore has it: what can come of a missing order is acted out under a weak model.
  void set_model(harness::SimConfig& config) const {
    if (!program_.allocator->orders_by_cpp) config.check_order = false;
    if (sim::model_named(options_.model, config.model) && config.model != sim::MemoryModel::sc)
      config.check_order = false;
    if (!options_.order.empty()) config.check_order = options_.order == "yes";
  }

  harness::ProveOptions limits() {
    harness::ProveOptions limits;
    limits.seconds_max = options_.seconds;
    limits.progress = [this](const harness::ProveFigures& figures) {
      progress_.show(fmt::format("{:4.0f} s  {} explored, {} pruned, about {} left", figures.seconds,
                                 with_commas(figures.search.executions), with_commas(figures.search.blocked),
                                 rounded(figures.estimate - static_cast<double>(figures.search.executions))));
      return !Progress::interrupted();
    };
    return limits;
  }

  // An estimate has no more than one digit that means something.
  static std::string rounded(double number) {
    if (number < 1) return "0";
    if (number >= 1e9) return fmt::format("{:.0e}", number);
    const double unit = std::pow(10, std::floor(std::log10(number)));
    return with_commas(static_cast<std::uint64_t>(std::round(number / unit) * unit));
  }

  int tell(const std::string& file, const harness::SimConfig& config, const harness::ProveResult& result,
           nlohmann::json& all) {
    const harness::ProveFigures& figures = result.figures;
    const std::string pruned =
        fmt::format("{} pruned, {:.1f} s", count_of(figures.search.blocked, "run"), figures.seconds);
    nlohmann::json one = {{"file", file},
                          {"model", sim::name_of(config.model)},
                          {"executions", figures.search.executions},
                          {"pruned", figures.search.blocked},
                          {"limited", figures.limited},
                          {"estimate", figures.estimate},
                          {"seconds", figures.seconds},
                          {"complete", figures.complete}};
    if (result.finding) {
      const std::string error = report(result.finding, one, figures);
      if (!error.empty()) return complain(error);
    } else if (!options_.json && figures.complete) {
      fmt::print("{}: all {} executions (equivalence classes) of this program under {}: right ({})\n", file,
                 with_commas(figures.search.executions), sim::name_of(config.model), pruned);
    } else if (!options_.json) {
      fmt::print("{}: not proven: {} under {} right, about {} left ({})\n", file,
                 count_of(figures.search.executions, "execution"), sim::name_of(config.model),
                 rounded(figures.estimate - static_cast<double>(figures.search.executions)), pruned);
      if (figures.limited != 0)
        fmt::print("{} reached a limit of the simulator.\n", count_of(figures.limited, "execution"));
    }
    all.push_back(std::move(one));
    return exit_nothing_found;
  }

  // Saved as explore saves it, so that everything that takes findings takes it.
  std::string report(harness::SimFinding finding, nlohmann::json& one, const harness::ProveFigures& figures) {
    finding.schedule.config = build_line(program_);
    if (!options_.no_minimize) {
      progress_.show("minimizing " + finding.signature);
      if (harness::SimFinding small = harness::minimize(runner_, finding)) finding = std::move(small);
      progress_.clear();
    }
    Drawing drawing = draw(program_, runner_, finding);
    if (!drawing.finding) drawing = not_drawn(harness::not_seen_again(runner_, finding));
    std::filesystem::path path;
    if (!options_.no_save) {
      std::error_code error;
      std::filesystem::create_directories(options_.folder, error);
      if (error) return fmt::format("cannot make the folder {}: {}", options_.folder, error.message());
      path = finding_file(program_, options_.folder, drawing.finding);
      if (std::string text = write_file(path, harness::to_text(drawing.finding)); !text.empty()) return text;
    }
    if (options_.json) {
      one["finding"] = json_of(drawing.finding);
      if (!path.empty()) one["finding"]["file"] = short_path(path);
      return "";
    }
    fmt::print("{}\nFound in execution {} after {:.2f} s.\n", report::to_text(drawing.diagram),
               with_commas(figures.search.executions), figures.seconds);
    if (!path.empty()) {
      fmt::print("Saved as {}\nReplay:  {} --diagram\n", short_path(path), replay_command(program_, path));
    }
    return "";
  }

  const Program& program_;
  const Options& options_;
  harness::SimRunner runner_;
  Progress progress_;
};

}  // namespace

int prove_verb(const Program& program, const Options& options) { return Prove(program, options).run(); }

}  // namespace rcufarm::cli
