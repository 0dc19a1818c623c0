// The simulator's explorer; the same on a kernel's own file; and the canary, on an allocator with a planted mistake.
#include <sys/wait.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "stress/worker/corpus.h"
#include "stress/worker/works.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

using nlohmann::json;

constexpr std::size_t output_bytes_max = std::size_t{16} << 20U;
constexpr std::size_t trouble_bytes_max = 2000;
constexpr std::uintmax_t input_bytes_max = 4096;  // as fuzz engines take them

// stdout and stderr come through one pipe: the JSON is the lines from "{" to "}".
class JsonOutput {
 public:
  void line(std::string_view text) {
    if (text == "{") inside_ = true;
    std::string& to = inside_ ? json_ : other_;
    if (to.size() < output_bytes_max) to.append(text).push_back('\n');
    if (text == "}") inside_ = false;
  }
  json value() const { return json::parse(json_, nullptr, false); }
  const std::string& other() const { return other_; }

 private:
  bool inside_ = false;
  std::string json_;
  std::string other_;
};

std::string joined(const json& lines) {
  std::string text;
  for (const auto& line : lines) text += line.get<std::string>() + "\n";
  return text;
}

class ExploreWork final : public Work {
 public:
  ExploreWork(const Stint& stint, const WorkPlaces& places, const Config& config)
      : stint_(stint),
        findings_(places.folder / "findings"),
        new_inputs_(places.folder / "new"),
        corpus_(places.state / "corpus" / corpus_of(Lane::libfuzzer_sim)),
        config_(config),
        canary_(stint.lane == Lane::canary) {}

  session::Command command() override {
    session::Command command;
    const std::string program = canary_ ? stint_.detail : program_of(stint_.lane, config_.programs);
    command.arguments = {config_.resolve(program),
                         "explore",
                         "--json",
                         "--seconds",
                         fmt::format("{}", duration().count()),
                         "--seed",
                         fmt::format("{}", stint_.seed)};
    if (canary_) {
      command.arguments.insert(command.arguments.end(), {"--no-save", "--no-minimize"});
    } else {
      command.arguments.insert(command.arguments.end(),
                               {"--keep-going", "--no-minimize", "--strategy", stint_.detail, "--findings", findings_});
    }
    // The inputs that fuzz engines of the same allocator found worth keeping, and scenarios for them.
    if (stint_.lane == Lane::explore) {
      corpus_.make();
      command.arguments.insert(command.arguments.end(), {"--inputs", corpus_.folder(), "--new-inputs", new_inputs_});
    }
    return command;
  }

  std::chrono::seconds duration() const override {
    return std::chrono::seconds(canary_ ? config_.stints.canary_seconds : config_.stints.explore_seconds);
  }
  void line(std::string_view text) override { output_.line(text); }
  void tick(Harvest& /*harvest*/) override {}  // it tells at its end

  Ended settle(int status, Harvest& harvest) override {
    corpus_.add_newer(new_inputs_, fs::file_time_type::min(), input_bytes_max);
    const json told = output_.value();
    if (!told.is_object() || !told.contains("searched")) {
      harvest.trouble = tail_of(output_.other(), trouble_bytes_max);
      return told_nothing(status, harvest);
    }
    try {
      return take(told, harvest);
    } catch (const json::exception& error) {
      harvest.trouble = fmt::format("its JSON is not what was expected: {}", error.what());
      return Ended::exit;
    }
  }

 private:
  // A simulated run that takes the process with it: no JSON, and a report at best.
  Ended told_nothing(int status, Harvest& harvest) const {
    const Ended ended = verdict_on(status, output_.other());
    if (ended != Ended::crash || canary_) return ended;
    harvest.catches.push_back(
        {.event = "",
         .kind = "crash",
         .signature = "crash: rcufarm explore " + session::describe_status(status),
         .input = fmt::format("# rcufarm explore --strategy {} --seed {}\n", stint_.detail, stint_.seed),
         .report = output_.other(),
         .seen = 1});
    return Ended::finding;
  }

  Ended take(const json& told, Harvest& harvest) const {
    const json& searched = told.at("searched");
    harvest.executions += searched.at("schedules").get<std::uint64_t>();
    const json& findings = told.at("findings");
    if (canary_) {
      harvest.canary_found = !findings.empty();
      if (harvest.canary_found) harvest.canary_seconds = findings.at(0).at("at_seconds").get<double>();
      return Ended::fine;
    }
    harvest.schedules += searched.at("schedules").get<std::uint64_t>();
    const bool other_file = stint_.lane == Lane::explore_linux;
    // Pairs of other code are not more of the same.
    if (!other_file) harvest.reads_from_pairs = searched.at("reads_from_pairs").get<std::uint64_t>();
    for (const json& f : findings) {
      const fs::path file = f.value("file", "");
      harvest.catches.push_back({.event = "",
                                 .kind = f.at("kind").get<std::string>(),
                                 .signature = (other_file ? "linux: " : "") + f.at("signature").get<std::string>(),
                                 .input = read_bytes(findings_ / file.filename()),
                                 .report = joined(f.at("diagram")),
                                 .seen = f.at("seen").get<std::uint64_t>()});
    }
    return findings.empty() ? Ended::fine : Ended::finding;
  }

  const Stint stint_;
  const fs::path findings_;
  const fs::path new_inputs_;
  const Corpus corpus_;
  const Config config_;
  const bool canary_;
  JsonOutput output_;
};

}  // namespace

std::unique_ptr<Work> make_explore_work(const Stint& stint, const WorkPlaces& places, const Config& config) {
  return std::make_unique<ExploreWork>(stint, places, config);
}

}  // namespace rcufarm::stress
