// The simulator's explorer; the same on a kernel's own file and on an adopted allocator; and the canary, on an allocator with a planted mistake.
#include <sys/wait.h>

#include <fmt/format.h>

#include "stress/worker/corpus.h"
#include "stress/worker/works.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t output_bytes_max = std::size_t{1} << 20U;
constexpr std::size_t trouble_bytes_max = 2000;
constexpr std::uintmax_t input_bytes_max = 4096;  // as fuzz engines take them

class ExploreWork final : public Work {
 public:
  ExploreWork(const Stint& stint, const WorkPlaces& places, const Config& config)
      : stint_(stint),
        findings_(places.folder / "findings"),
        new_inputs_(places.folder / "new"),
        record_(places.record()),
        shares_(!corpus_of(stint.lane, config.programs).empty()),
        corpus_(places.state / "corpus" / corpus_of(stint.lane, config.programs)),
        config_(config),
        canary_(stint.lane == Lane::canary) {}

  session::Command command() override {
    session::Command command;
    command.set = {{harness::record_variable, record_}};
    const std::string program = canary_ ? stint_.detail : program_of(stint_.lane, config_.programs);
    command.arguments = {config_.resolve(program),
                         "explore",
                         "--brief",
                         "--seconds",
                         fmt::format("{}", duration().count()),
                         "--seed",
                         fmt::format("{}", stint_.seed)};
    if (canary_) {
      command.arguments.insert(command.arguments.end(), {"--no-save", "--no-minimize"});
    } else {
      command.arguments.insert(command.arguments.end(), {"--keep-going", "--no-minimize", "--strategy", stint_.detail,
                                                         "--model", stint_.model, "--findings", findings_});
    }
    // The inputs that fuzz engines of the same allocator found worth keeping, and scenarios for them.
    if (shares_) {
      corpus_.make();
      command.arguments.insert(command.arguments.end(), {"--inputs", corpus_.folder(), "--new-inputs", new_inputs_});
    }
    return command;
  }

  std::chrono::seconds duration() const override {
    return std::chrono::seconds(canary_ ? config_.stints.canary_seconds : config_.stints.explore_seconds);
  }
  void line(std::string_view text) override {
    if (output_.size() < output_bytes_max) output_.append(text).push_back('\n');
  }
  void tick(Harvest& /*harvest*/) override {}  // it tells at its end

  Ended settle(int status, Harvest& harvest) override {
    if (shares_) corpus_.add_newer(new_inputs_, fs::file_time_type::min(), input_bytes_max);
    const harness::Received received = harness::receive(record_);
    if (received.record) return take(*received.record, harvest);
    if (!received.trouble.empty()) {
      harvest.trouble = received.trouble;
      return Ended::exit;
    }
    harvest.trouble = tail_of(output_, trouble_bytes_max);
    return told_nothing(status, harvest);
  }

 private:
  // A simulated run that takes the process with it: no record, and a report at best.
  Ended told_nothing(int status, Harvest& harvest) const {
    const Ended ended = verdict_on(status, output_);
    if (ended != Ended::crash || canary_) return ended;
    harvest.catches.push_back({.event = "",
                               .kind = oracle::Kind::crash,
                               .signature = signature_prefix(stint_.lane, config_.programs) +
                                            "crash: rcufarm explore " + session::describe_status(status),
                               .input = fmt::format("# rcufarm explore --strategy {} --model {} --seed {}\n",
                                                    stint_.detail, stint_.model, stint_.seed),
                               .report = output_,
                               .seen = 1});
    return Ended::finding;
  }

  Ended take(const harness::RunRecord& told, Harvest& harvest) const {
    harvest.executions += told.runs;
    if (canary_) {
      harvest.canary_found = !told.findings.empty();
      if (harvest.canary_found) harvest.canary_seconds = told.findings.front().seconds;
      return Ended::fine;
    }
    harvest.schedules += told.runs;
    // Pairs of other code are not more of the same.
    if (stint_.lane == Lane::explore) harvest.reads_from_pairs = told.reads_from_pairs;
    for (const harness::Finding& finding : told.findings) {
      harvest.catches.push_back(catch_of(finding, read_bytes(finding.file), finding.diagram));
      harvest.catches.back().signature.insert(0, signature_prefix(stint_.lane, config_.programs));
    }
    return told.findings.empty() ? Ended::fine : Ended::finding;
  }

  const Stint stint_;
  const fs::path findings_;
  const fs::path new_inputs_;
  const fs::path record_;
  const bool shares_;
  const Corpus corpus_;
  const Config config_;
  const bool canary_;
  std::string output_;
};

}  // namespace

std::unique_ptr<Work> make_explore_work(const Stint& stint, const WorkPlaces& places, const Config& config) {
  return std::make_unique<ExploreWork>(stint, places, config);
}

}  // namespace rcufarm::stress
