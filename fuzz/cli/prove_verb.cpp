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
#include "cli/prove_jobs.h"
#include "cli/verbs.h"
#include "harness/record.h"
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
    if (!options_.part.empty()) return run_part(options_.part);
    if (!options_.frontier.empty()) return run_shared(options_.frontier);
    int code = exit_nothing_found;
    nlohmann::json all = nlohmann::json::array();
    for (const std::string& file : options_.files) {
      Input input = read_input(file, program_.allocator->language);
      if (const auto* error = std::get_if<InputError>(&input)) return complain(error->message);
      harness::SimConfig config;
      scenario::Scenario scenario;
      if (auto* finding = std::get_if<harness::SimFinding>(&input)) {
        config = finding->config;
        scenario = std::move(finding->scenario);
      } else {
        scenario = std::get<scenario::Scenario>(std::move(input));
      }
      set_model(config, options_.model);
      harness::ProveResult result;
      if (options_.jobs == 1) {
        result = harness::prove(runner_, scenario, config, limits());
      } else {
        const TemporaryFolder folder;
        const harness::SharedProofFile shared(folder.path() / "frontier");
        auto proven = prove_shared(shared, proof_of(scenario, config));
        if (const auto* error = std::get_if<std::string>(&proven)) return complain(*error);
        result = std::move(std::get<Proven>(proven).result);
      }
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
    set_model(config, options_.model);
    for (unsigned size = 1; size <= options_.operations; ++size) {
      const std::vector<scenario::Scenario> of_size = harness::programs_with(size, program_.allocator->language);
      harness::ProveOptions bounds = limits();
      const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began;
      if (bounds.seconds_max != 0) bounds.seconds_max = std::max(bounds.seconds_max - passed.count(), 1e-9);
      auto result = prove_programs(*program_.allocator, of_size, config, bounds, options_.jobs);
      progress_.clear();
      if (const auto* error = std::get_if<std::string>(&result)) return complain(*error);
      const auto& proven = std::get<ProgramsProven>(result);
      programs += proven.right;
      executions += proven.executions;
      if (proven.wrong.finding) {
        nlohmann::json one;
        const std::string error = report(proven.wrong.finding, one, proven.wrong.figures);
        if (!error.empty()) return complain(error);
        if (options_.json) print_json({{"verb", "prove"}, {"programs", programs}, {"finding", one["finding"]}});
        return exit_finding;
      }
      if (proven.right != of_size.size()) {
        if (options_.json) {
          print_json({{"verb", "prove"}, {"sizes", all}});
        } else {
          fmt::print("not proven: of the programs with {}, {} of {} right\n", count_of(size, "operation"),
                     with_commas(proven.right), with_commas(of_size.size()));
        }
        return exit_nothing_found;
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

  // ---- a part of a proof -------------------------------------------------------------------------------------------------

  // Whoever handed it out reads the record and the gain: both are whole at every moment.
  int run_part(const std::string& path) {
    const auto text = read_file(path);
    if (const auto* error = std::get_if<FileError>(&text)) return complain(error->message);
    const auto read = harness::proof_part_from_text(std::get<std::string>(text));
    if (const auto* error = std::get_if<std::string>(&read))
      return complain(fmt::format("{}: {}. Was it handed out by a farm of this build?", path, *error));
    const auto& part = std::get<harness::ProofPart>(read);
    harness::SimConfig config;
    set_model(config, part.model);
    harness::RunRecord record{.runs = 0};
    std::string trouble;
    harness::PartOptions bounds;
    bounds.seconds_max = options_.seconds;
    bounds.goes_on = [&] { return trouble.empty() && !Progress::interrupted(); };
    bounds.found = [&](const harness::SimFinding& finding) { keep(finding, record, trouble); };
    bounds.save = [&](const harness::ProofGain& gain) {
      if (!trouble.empty()) return;
      const std::string fresh = path + ".new";
      trouble = write_file(fresh, harness::to_text(gain));
      if (trouble.empty() && std::rename(fresh.c_str(), (path + ".gain").c_str()) != 0)
        trouble = fmt::format("cannot write {}.gain", path);
    };
    if (!harness::explore_part(runner_, program_.allocator->language, part, config, bounds)) {
      std::filesystem::remove(path + ".gain");
      return complain(path + ": the program does something else than it did: another build has explored it");
    }
    if (!trouble.empty()) return complain(trouble);
    return record.findings.empty() ? exit_nothing_found : exit_finding;
  }

  // One of each signature, as the explorer's record has them.
  void keep(harness::SimFinding finding, harness::RunRecord& record, std::string& trouble) {
    finding.schedule.config = build_line(program_);
    for (harness::Finding& known : record.findings) {
      if (known.signature != finding.signature) continue;
      ++known.seen;
      return harness::hand_over(record);
    }
    Drawing drawing = draw(program_, runner_, finding);
    if (!drawing.finding) drawing = not_drawn(harness::not_seen_again(runner_, finding));
    std::filesystem::path file;
    trouble = save(drawing.finding, file);
    drawing.told.file = file;
    record.findings.push_back(std::move(drawing.told));
    harness::hand_over(record);
  }

  // ---- a shared proof ------------------------------------------------------------------------------------------------

  struct Proven {
    harness::SharedProof proof;
    harness::ProveResult result;
  };

  harness::SharedProof proof_of(const scenario::Scenario& scenario, const harness::SimConfig& config) const {
    harness::SharedProof proof;
    proof.build = build_line(program_);
    proof.scenario = scenario;
    proof.config = config;
    return proof;
  }

  // The file's own program, or the one of INPUT, with which it begins.
  int run_shared(const std::string& path) {
    const harness::SharedProofFile file(path);
    harness::SharedProof begin;
    if (!options_.files.empty()) {
      Input input = read_input(options_.files.front(), program_.allocator->language);
      if (const auto* error = std::get_if<InputError>(&input)) return complain(error->message);
      harness::SimConfig config;
      const auto* finding = std::get_if<harness::SimFinding>(&input);
      if (finding != nullptr) config = finding->config;
      set_model(config, options_.model);
      begin = proof_of(finding != nullptr ? finding->scenario : std::get<scenario::Scenario>(input), config);
    } else if (!file.exists()) {
      return complain(fmt::format("there is no {}: give INPUT as well, and the proof begins there", path));
    }
    auto proven = prove_shared(file, begin);
    progress_.clear();
    if (const auto* error = std::get_if<std::string>(&proven)) return complain(*error);
    const auto& [proof, result] = std::get<Proven>(proven);
    nlohmann::json all = nlohmann::json::array();
    if (const int error = tell(path, proof.config, result, all); error != exit_nothing_found) return error;
    if (options_.json) {
      print_json({{"verb", "prove"}, {"build_line", build_line(program_)}, {"programs", std::move(all)}});
    } else if (!result.finding && !result.figures.complete) {
      fmt::print("To go on: {} prove --frontier {}\n", own_command(program_), whole_path_word(path));
    }
    return result.finding ? exit_finding : exit_nothing_found;
  }

  // Of one without a build there is nothing to begin with.
  std::variant<Proven, std::string> prove_shared(const harness::SharedProofFile& file,
                                                 const harness::SharedProof& begin) {
    if (!begin.build.empty()) {
      if (std::string error = file.create(begin); !error.empty()) return error;
    }
    auto before = file.read();
    if (auto* error = std::get_if<std::string>(&before)) return std::move(*error);
    const auto& known = std::get<harness::SharedProof>(before);
    if (known.build != build_line(program_)) {
      return fmt::format("{} is a proof of another build: '{}', and this is '{}'", file.path().string(), known.build,
                         build_line(program_));
    }
    if (!begin.build.empty() && (known.scenario != begin.scenario || known.config != begin.config)) {
      return fmt::format(
          "{} is the proof of another program, or under another model. Leave INPUT away to go on with it, "
          "or give another file",
          file.path().string());
    }
    const auto began = std::chrono::steady_clock::now();
    std::string error = options_.jobs == 1 ? harness::explore_shared_proof(runner_, file, limits())
                                           : prove_side_by_side(*program_.allocator, file, limits(), options_.jobs);
    if (!error.empty()) return error;
    auto after = file.read();
    if (auto* why = std::get_if<std::string>(&after)) return std::move(*why);
    Proven proven{std::get<harness::SharedProof>(std::move(after)), {}};
    proven.result.figures = figures_of(proven.proof);
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began;
    proven.result.figures.seconds = passed.count();
    if (proven.proof.finding.empty()) return proven;
    auto finding = harness::sim_finding_from_text(proven.proof.finding);
    if (auto* why = std::get_if<std::string>(&finding)) return file.path().string() + ": its finding: " + *why;
    proven.result.finding = runner_.replay(std::get<harness::SimFinding>(finding));
    if (!proven.result.finding) return file.path().string() + ": its finding is not seen again with this build";
    return proven;
  }

  // As explore has it: what can come of a missing order is acted out under a weak model.
  void set_model(harness::SimConfig& config, const std::string& name) const {
    if (!program_.allocator->orders_by_cpp) config.check_order = false;
    if (sim::model_named(name, config.model) && config.model != sim::MemoryModel::sc) config.check_order = false;
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
      if (std::string error = save(drawing.finding, path); !error.empty()) return error;
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

  std::string save(const harness::SimFinding& finding, std::filesystem::path& path) const {
    std::error_code error;
    std::filesystem::create_directories(options_.folder, error);
    if (error) return fmt::format("cannot make the folder {}: {}", options_.folder, error.message());
    path = finding_file(program_, options_.folder, finding);
    return write_file(path, harness::to_text(finding));
  }

  const Program& program_;
  const Options& options_;
  harness::SimRunner runner_;
  Progress progress_;
};

}  // namespace

int prove_verb(const Program& program, const Options& options) { return Prove(program, options).run(); }

}  // namespace rcufarm::cli
