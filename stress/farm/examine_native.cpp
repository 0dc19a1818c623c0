// A native input: real threads race by luck, so it runs many times, and the rate is recorded.
#include <fmt/format.h>
#include <sys/wait.h>

#include <fstream>

#include "session/engine.h"
#include "session/signature.h"
#include "stress/farm/examination.h"
#include "stress/farm/programs.h"
#include "stress/worker/verdict.h"
#include "stress/worker/work.h"

namespace rcufarm::stress {

namespace {

class NativeExamination final : public Examination {
 public:
  NativeExamination(const Exhibit& exhibit, const Config& config)
      : exhibit_(exhibit),
        config_(config),
        replay_(replay_beside(config.resolve(program_of(exhibit.lane, config.programs)))),
        input_(exhibit.folder / "input.scenario"),
        record_(exhibit.folder / "record.json"),
        kind_(exhibit.kind),
        signature_(exhibit.signature),
        report_(exhibit.report) {
    std::ofstream(input_, std::ios::binary) << exhibit.input.value_or("");
  }

  std::string name() const override {
    return fmt::format("examining {}", signature_.empty() ? "an input" : signature_);
  }
  std::chrono::seconds time_max() const override { return std::chrono::seconds(config_.findings.replay_seconds); }

  std::optional<session::Command> next() override {
    if (!exhibit_.input || runs_ >= config_.findings.native_replays) return std::nullopt;
    ++runs_;
    session::Command command;
    command.set = session::sanitizer_environment();
    command.set.emplace_back(harness::record_variable, record_);
    command.arguments = {replay_, input_, "--tries", fmt::format("{}", config_.findings.native_tries)};
    return command;
  }

  void done(int status, const std::string& output) override {
    const harness::Received received = harness::receive(record_);
    const bool quiet = status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (quiet || !accuses(received, output)) {
      if (quiet) tries_ += config_.findings.native_tries;
      return;
    }
    ++hits_;
    tries_ += received.record ? received.record->runs : 1;
    if (!signature_.empty()) return;
    const harness::Finding found = session::first_finding(received, output);
    signature_ = found.signature;
    kind_ = name_of(found.kind);
    report_ = output;
  }

  Examined result() const override {
    Examined examined;
    examined.tries = tries_;
    examined.hits = hits_;
    Finding& f = examined.finding;
    f.signature = signature_;
    if (signature_.empty()) return examined;
    f.kind = kind_;
    f.program = name_of(exhibit_.lane);
    f.engine = name_of(engine_of(exhibit_.lane));
    examined.evidence.input = exhibit_.input;
    examined.evidence.report = report_;
    f.reproduce = fmt::format("{} {{file}} --tries 10000", from_tree(config_, replay_));
    f.replays = tries_;
    f.reproduced = hits_;
    return examined;
  }

 private:
  const Exhibit exhibit_;
  const Config config_;
  const std::filesystem::path replay_;
  const std::filesystem::path input_;
  const std::filesystem::path record_;
  std::string kind_;
  std::string signature_;
  std::string report_;
  unsigned runs_ = 0;
  std::uint64_t tries_ = 0;
  std::uint64_t hits_ = 0;
};

}  // namespace

std::unique_ptr<Examination> examine_native(const Exhibit& exhibit, const Config& config) {
  return std::make_unique<NativeExamination>(exhibit, config);
}

std::unique_ptr<Examination> examine(const Exhibit& exhibit, const Config& config) {
  // A regression may be either.
  if (exhibit.input && exhibit.input->starts_with("finding v")) return examine_simulated(exhibit, config);
  switch (exhibit.lane) {
    case Lane::explore:
    case Lane::explore_linux:
    case Lane::explore_adopted:
    case Lane::prove:
    case Lane::libfuzzer_sim:
    case Lane::libfuzzer_adopted:
    case Lane::afl_sim:
    case Lane::afl_adopted:
    case Lane::canary: return examine_simulated(exhibit, config);
    case Lane::libfuzzer_native:
    case Lane::libfuzzer_native_tsan:
    case Lane::afl_native:
    case Lane::stress_asan:
    case Lane::stress_tsan:
    case Lane::regressions: return examine_native(exhibit, config);
  }
  return nullptr;
}

}  // namespace rcufarm::stress
