// A simulated input: a run is a function of it, so every replay shows the same, or the simulator is wrong.
//
// Steps: a fuzzer's input becomes a finding (replay_sim), is made small (rcufarm minimize), and is replayed many times and drawn
// (rcufarm replay). The explorer saves findings at once.
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>

#include <fstream>

#include "session/signature.h"
#include "stress/farm/examination.h"
#include "stress/farm/programs.h"
#include "stress/worker/verdict.h"
#include "stress/worker/work.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

constexpr int exit_found = 1;

bool exited_with(int status, int code) { return status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == code; }

class SimulatedExamination final : public Examination {
 public:
  SimulatedExamination(const Exhibit& exhibit, const Config& config)
      : exhibit_(exhibit),
        config_(config),
        explorer_(explorer_of(exhibit.lane)),
        rcufarm_(config.resolve(program_of(explorer_, config.programs))),
        signature_(exhibit.signature),
        kind_(exhibit.kind),
        report_(exhibit.report) {
    const std::string input = exhibit.input.value_or("");
    const bool is_finding =
        explores(exhibit.lane) || exhibit.lane == Lane::regressions || input.starts_with("finding v");
    step_ = is_finding ? Step::minimize : Step::to_finding;
    // Where a worker hung no one input is known to do it.
    if (!exhibit.input || exhibit.kind == "hang") step_ = Step::finished;
    std::ofstream(is_finding ? file("found") : file("input"), std::ios::binary) << input;
  }

  std::string name() const override {
    return fmt::format("examining {}", signature_.empty() ? "an input" : signature_);
  }
  std::chrono::seconds time_max() const override { return std::chrono::seconds(config_.findings.replay_seconds); }

  std::optional<session::Command> next() override {
    session::Command command;
    command.set = {{harness::record_variable, file("record")}};
    switch (step_) {
      case Step::to_finding:
        command.arguments = {replay_beside(config_.resolve(program_of(exhibit_.lane, config_.programs))), file("input"),
                             "--finding", file("found")};
        return command;
      case Step::minimize:
        command.arguments = {rcufarm_, "minimize", file("found"), "-o", file("small")};
        return command;
      case Step::replay:
        command.arguments = {
            rcufarm_, "replay",   file("small"), "--times", fmt::format("{}", config_.findings.sim_replays),
            "--svg",  file("svg")};
        return command;
      case Step::finished: return std::nullopt;
    }
    return std::nullopt;
  }

  void done(int status, const std::string& output) override {
    switch (step_) {
      case Step::to_finding: return took_finding(status, output);
      case Step::minimize:
        // Another allocator than the fuzz target's, or not reproducible: as it was found, then.
        if (!exited_with(status, 0)) copy_found();
        step_ = Step::replay;
        return;
      case Step::replay:
        if (status >= 0) take_replay();  // killed for its time, it says nothing
        step_ = Step::finished;
        return;
      case Step::finished: return;
    }
  }

  Examined result() const override {
    Examined examined;
    Finding& f = examined.finding;
    f.signature = signature_;
    examined.tries = tries_;
    examined.hits = hits_;
    if (signature_.empty()) return examined;
    f.kind = kind_;
    f.engine = name_of(engine_of(exhibit_.lane));
    const std::string small = read_bytes(file("small"));
    f.program = small.empty() || hits_ == 0 ? name_of(exhibit_.lane) : name_of(explorer_);
    const auto input = small.empty() || hits_ == 0 ? exhibit_.input : small;
    examined.evidence.input = input;
    examined.evidence.report = report_;
    examined.evidence.diagram = diagram_;
    examined.evidence.diagram_svg = read_bytes(file("svg"));
    f.reproduce = fmt::format("{} replay {{file}} --diagram", from_tree(config_, rcufarm_));
    f.replays = tries_;
    f.reproduced = hits_;
    examined.accuse_ourselves = tries_ > 0 && hits_ < tries_;
    return examined;
  }

 private:
  enum class Step : std::uint8_t { to_finding, minimize, replay, finished };

  fs::path file(const char* name) const { return exhibit_.folder / name; }

  void took_finding(int status, const std::string& output) {
    tries_ = 1;
    step_ = Step::finished;
    if (!exited_with(status, exit_found)) return;
    hits_ = 1;
    step_ = Step::minimize;
    if (!signature_.empty()) return;
    const harness::Finding found = session::first_finding(harness::receive(file("record")), output);
    signature_ = signature_prefix(exhibit_.lane, config_.programs) + found.signature;
    kind_ = name_of(found.kind);
    report_ = output;
  }

  void copy_found() const {
    std::error_code error;
    fs::copy_file(file("found"), file("small"), fs::copy_options::overwrite_existing, error);
  }

  void take_replay() {
    const harness::Received received = harness::receive(file("record"));
    if (!received.trouble.empty()) {
      spdlog::error("{} replay: {}", rcufarm_.string(), received.trouble);
      return;
    }
    tries_ = config_.findings.sim_replays;
    hits_ = 0;
    const harness::Finding* shown = received.first();
    if (shown == nullptr) return;
    hits_ = shown->seen;
    diagram_ = shown->diagram;
    report_ = shown->detail;
    if (kind_.empty()) kind_ = name_of(shown->kind);
  }

  const Exhibit exhibit_;
  const Config config_;
  const Lane explorer_;  // whose program replays it
  const fs::path rcufarm_;
  Step step_ = Step::replay;
  std::string signature_;
  std::string kind_;
  std::string report_;
  std::string diagram_;
  std::uint64_t tries_ = 0;
  std::uint64_t hits_ = 0;
};

}  // namespace

std::unique_ptr<Examination> examine_simulated(const Exhibit& exhibit, const Config& config) {
  return std::make_unique<SimulatedExamination>(exhibit, config);
}

}  // namespace rcufarm::stress
