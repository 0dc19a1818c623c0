// One input that failed once, on the allocator as it is: it has to be quiet.
#include <sys/wait.h>

#include <fmt/format.h>

#include "session/signature.h"
#include "stress/worker/works.h"

namespace rcufarm::stress {

namespace {

constexpr std::size_t output_bytes_max = std::size_t{1} << 20U;
constexpr std::size_t trouble_bytes_max = 2000;

class RegressionWork final : public Work {
 public:
  RegressionWork(const Stint& stint, const WorkPlaces& places, const Config& config)
      : stint_(stint), record_(places.record()), config_(config) {}

  session::Command command() override {
    session::Command command;
    command.set = {{harness::record_variable, record_}};
    if (std::filesystem::path(stint_.detail).extension() == ".finding") {
      command.arguments = {config_.resolve(config_.programs.explore), "replay", stint_.detail, "--diagram"};
    } else {
      command.arguments = {config_.resolve(config_.programs.replay_native), stint_.detail, "--tries",
                           fmt::format("{}", config_.findings.native_tries)};
    }
    return command;
  }

  std::chrono::seconds duration() const override { return std::chrono::seconds(config_.findings.replay_seconds); }
  void line(std::string_view text) override {
    if (output_.size() < output_bytes_max) output_.append(text).push_back('\n');
  }
  void tick(Harvest& /*harvest*/) override {}

  Ended settle(int status, Harvest& harvest) override {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
      harvest.executions += 1;
      return Ended::fine;
    }
    const harness::Received received = harness::receive(record_);
    if (!accuses(received, output_)) {
      harvest.trouble = tail_of(output_, trouble_bytes_max);
      return verdict_on(status, output_);
    }
    harvest.catches.push_back(catch_of(session::first_finding(received, output_), read_bytes(stint_.detail), output_));
    return Ended::finding;
  }

 private:
  const Stint stint_;
  const std::filesystem::path record_;
  const Config config_;
  std::string output_;
};

}  // namespace

std::unique_ptr<Work> make_regression_work(const Stint& stint, const WorkPlaces& places, const Config& config) {
  return std::make_unique<RegressionWork>(stint, places, config);
}

}  // namespace rcufarm::stress
