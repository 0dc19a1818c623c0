// litmus: all executions of litmus tests, told as herd7 tells them; of several, a table.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "cli/files.h"
#include "cli/json.h"
#include "cli/litmus_drawing.h"
#include "cli/present.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "litmus/check.h"
#include "report/text.h"

namespace rcufarm::cli {

namespace {

namespace fs = std::filesystem;
using litmus::Checked;
using litmus::Verdict;

constexpr std::array verdicts{Verdict::agrees,   Verdict::stronger,  Verdict::weaker,      Verdict::disagrees,
                              Verdict::unjudged, Verdict::too_large, Verdict::unsupported, Verdict::malformed};

struct Tested {
  std::string file;
  Checked checked;
};

std::string observation_of(const Checked& checked) {
  if (!checked.observation) return "-";
  const litmus::Observation& seen = *checked.observation;
  return fmt::format("{} {} {}", seen.word(), seen.matching, seen.others);
}

std::string title_of(const Checked& checked) {
  const bool is_forall = checked.program->test().quantifier == litmus::Quantifier::forall;
  std::string title = fmt::format("{}, under {}: ", checked.program->test().name, checked.model->name());
  title += is_forall ? "an execution that refutes " : "a witness of ";
  title += checked.observation->condition;
  if (checked.needs_load_buffering) title += ", by load buffering";
  return title;
}

class Litmus {
 public:
  explicit Litmus(const Options& options)
      : options_(options),
        model_(options.model.empty() ? nullptr : litmus::find_model(options.model)),
        progress_(!options.json) {}

  int run() {
    bool is_folder = false;
    std::vector<std::string> files;
    for (const std::string& given : options_.files) {
      if (const std::string error = gather(given, files, is_folder); !error.empty()) return complain(error);
    }
    for (std::size_t i = 0; i < files.size() && !Progress::interrupted(); ++i) {
      progress_.show(fmt::format("{} of {}: {}", i + 1, files.size(), files[i]));
      if (const std::string error = test(files[i]); !error.empty()) return complain(error);
    }
    progress_.clear();
    const bool single = !is_folder && tested_.size() == 1;
    if (options_.json) {
      print_as_json();
    } else if (single) {
      print_single(tested_.front());
    } else {
      print_table();
    }
    if (Progress::interrupted() && !options_.json) fmt::print("Stopped before its end.\n");
    return exit_code(single);
  }

 private:
  static std::string gather(const std::string& given, std::vector<std::string>& files, bool& is_folder) {
    std::error_code error;
    if (!fs::is_directory(given, error)) {
      files.push_back(given);
      return "";
    }
    is_folder = true;
    std::vector<std::string> found;
    fs::recursive_directory_iterator entries(given, error);
    for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
      if (entries->path().extension() == ".litmus") found.push_back(entries->path().string());
    }
    if (error) return fmt::format("cannot read the folder {}: {}", given, error.message());
    if (found.empty()) return fmt::format("the folder {} has no *.litmus in it", given);
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
    return "";
  }

  std::string test(const std::string& file) {
    const auto content = read_file(file);
    if (const auto* error = std::get_if<FileError>(&content)) return error->message;
    litmus::ExploreLimits limits;
    limits.graphs_max = options_.graphs;
    tested_.push_back({file, litmus::check(std::get<std::string>(content), file, model_, limits)});
    Checked& checked = tested_.back().checked;
    if (checked.verdict == Verdict::too_large && !checked.observation) checked.why += "; --graphs sets the limit";
    return "";
  }

  static std::string place_of(const Tested& t) {
    return t.checked.line == 0 ? t.file : fmt::format("{}:{}", t.file, t.checked.line);
  }

  static void print_single(const Tested& t) {
    const Checked& checked = t.checked;
    if (!checked.observation) return;  // exit_code() complains
    fmt::print("{}", to_text(*checked.observation));
    if (checked.observation->looped) {
      fmt::print("A loop is gone through {} times at most; outcomes may be missing.\n", litmus::Limits::loop_max);
    }
    if (checked.witness) {
      fmt::print("\n{}", report::to_text(draw(*checked.witness, *checked.program, title_of(checked))));
    }
    if (checked.verdict != Verdict::unjudged) {
      fmt::print("\nThe test says {}: {}{}.\n", checked.expected, name_of(checked.verdict),
                 checked.why.empty() ? "" : " (" + checked.why + ")");
    }
  }

  void print_table() const {
    std::size_t width = 0;
    std::size_t seen_width = 0;
    for (const Tested& t : tested_) {
      width = std::max(width, t.file.size());
      seen_width = std::max(seen_width, observation_of(t.checked).size());
    }
    for (const Tested& t : tested_) {
      std::string line = fmt::format("{:<{}}  {:<{}}  {}", t.file, width, observation_of(t.checked), seen_width,
                                     name_of(t.checked.verdict));
      if (!t.checked.why.empty()) {
        line += t.checked.line == 0 ? fmt::format(": {}", t.checked.why)
                                    : fmt::format(": line {}: {}", t.checked.line, t.checked.why);
      }
      fmt::print("{}\n", line);
    }
    fmt::print("\n{}:", count_of(tested_.size(), "test"));
    const char* separator = " ";
    for (const auto& [verdict, count] : counts()) {
      fmt::print("{}{} {}", separator, name_of(verdict), with_commas(count));
      separator = ", ";
    }
    fmt::print(".\n");
    for (const Verdict verdict : {Verdict::stronger, Verdict::weaker, Verdict::unsupported}) print_reasons(verdict);
  }

  void print_reasons(Verdict verdict) const {
    std::map<std::string, std::size_t> reasons;
    for (const Tested& t : tested_) {
      if (t.checked.verdict == verdict) ++reasons[t.checked.why];
    }
    for (const auto& [why, count] : reasons) fmt::print("{} {}: {}\n", name_of(verdict), with_commas(count), why);
  }

  // In the order of `verdicts`, without those that nothing has.
  std::vector<std::pair<Verdict, std::size_t>> counts() const {
    std::vector<std::pair<Verdict, std::size_t>> counted;
    for (const Verdict verdict : verdicts) {
      const auto count = static_cast<std::size_t>(
          std::count_if(tested_.begin(), tested_.end(), [&](const Tested& t) { return t.checked.verdict == verdict; }));
      if (count != 0) counted.emplace_back(verdict, count);
    }
    return counted;
  }

  void print_as_json() const {
    nlohmann::json tests = nlohmann::json::array();
    for (const Tested& t : tested_) tests.push_back(json_of_test(t));
    nlohmann::json counted = nlohmann::json::object();
    for (const auto& [verdict, count] : counts()) counted[std::string(name_of(verdict))] = count;
    print_json({{"verb", "litmus"},
                {"interrupted", Progress::interrupted()},
                {"tests", std::move(tests)},
                {"counts", std::move(counted)}});
  }

  static nlohmann::json json_of_test(const Tested& t) {
    const Checked& checked = t.checked;
    nlohmann::json one{{"file", t.file}, {"verdict", name_of(checked.verdict)}, {"why", checked.why}};
    if (checked.line != 0) one["line"] = checked.line;
    if (checked.model != nullptr) one["model"] = checked.model->name();
    if (!checked.expected.empty()) one["expected"] = checked.expected;
    if (checked.program != nullptr) one["test"] = checked.program->test().name;
    if (!checked.observation) return one;
    const litmus::Observation& seen = *checked.observation;
    one["observation"] = seen.word();
    one["matching_executions"] = seen.matching;
    one["other_executions"] = seen.others;
    one["condition"] = seen.condition;
    one["condition_holds"] = seen.ok;
    one["states"] = seen.states;
    one["flags"] = seen.flags;
    one["loop_bound_met"] = seen.looped;
    one["graphs"] = checked.graphs;
    one["needs_load_buffering"] = checked.needs_load_buffering;
    if (checked.witness) one["witness"] = json_of(draw(*checked.witness, *checked.program, title_of(checked)));
    return one;
  }

  bool any(Verdict verdict) const {
    return std::any_of(tested_.begin(), tested_.end(), [&](const Tested& t) { return t.checked.verdict == verdict; });
  }

  // Of several tests, one that uses what is not supported is a row of the table and no failure.
  int exit_code(bool single) const {
    if (any(Verdict::disagrees)) return exit_finding;
    if (single && !tested_.front().checked.observation) {
      const Tested& t = tested_.front();
      return complain(fmt::format("{}: {}: {}", place_of(t), name_of(t.checked.verdict), t.checked.why));
    }
    return any(Verdict::malformed) ? exit_bad_use : exit_nothing_found;
  }

  const Options& options_;
  const litmus::Model* model_;
  Progress progress_;
  std::vector<Tested> tested_;
};

}  // namespace

int litmus_verb(const Options& options) { return Litmus(options).run(); }

}  // namespace rcufarm::cli
