// Random scenarios on real threads (stress_native), under a sanitizer.
#include <sys/wait.h>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "session/engine.h"
#include "session/signature.h"
#include "stress/worker/mapped_page.h"
#include "stress/worker/works.h"
#include "targets/stress_worker.h"

namespace rcufarm::stress {

namespace {

constexpr std::size_t report_bytes_max = std::size_t{1} << 20U;
constexpr std::size_t trouble_bytes_max = 2000;
constexpr int exit_bad_use = 2;

class StressWork final : public Work {
 public:
  StressWork(const Stint& stint, const WorkPlaces& places, const Config& config)
      : stint_(stint), folder_(places.folder), record_(places.record()), config_(config) {}

  session::Command command() override {
    session::Command command;
    command.set = session::sanitizer_environment();
    command.set.emplace_back(harness::record_variable, record_);
    command.arguments = {config_.resolve(program_of(stint_.lane, config_.programs)),
                         "--seconds",
                         fmt::format("{}", duration().count()),
                         "--seed",
                         fmt::format("{}", stint_.seed),
                         "--findings",
                         folder_,
                         "--page",
                         page()};
    return command;
  }

  std::chrono::seconds duration() const override { return std::chrono::seconds(config_.stints.stress_seconds); }
  void line(std::string_view text) override {
    if (report_.size() < report_bytes_max) report_.append(text).push_back('\n');
  }
  std::filesystem::path page() const override { return folder_ / "stress.page"; }

  void tick(Harvest& harvest) override {
    if (!page_) page_ = MappedPage::map(page(), sizeof(targets::StressState));
    if (!page_) return;
    const std::uint64_t runs = page_->as<targets::StressState>().runs.load();
    harvest.executions += runs - counted_;
    counted_ = runs;
  }

  Ended settle(int status, Harvest& harvest) override {
    tick(harvest);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return Ended::fine;
    const harness::Received received = harness::receive(record_);
    if (!WIFEXITED(status) || WEXITSTATUS(status) == exit_bad_use || !accuses(received, report_)) {
      harvest.trouble = tail_of(report_, trouble_bytes_max);
      return verdict_on(status, report_);
    }
    const std::string input = saved_input();
    harvest.catches.push_back(catch_of(session::first_finding(received, report_),
                                       input.empty() ? std::nullopt : std::optional(input), report_));
    return Ended::finding;
  }

  std::vector<std::string> inputs_left() const override {
    std::string input = saved_input();
    return input.empty() ? std::vector<std::string>() : std::vector{std::move(input)};
  }

 private:
  // As it saved it, or else as the page shows it.
  std::string saved_input() const {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, none)) {
      if (entry.path().extension() == ".scenario") return read_bytes(entry.path());
    }
    const auto page = MappedPage::map(this->page(), sizeof(targets::StressState));
    if (!page) return "";
    const auto& state = page->as<targets::StressState>();
    const std::size_t bytes = std::min<std::size_t>(state.input_bytes.load(), sizeof state.input);
    return {reinterpret_cast<const char*>(state.input), bytes};
  }

  const Stint stint_;
  const std::filesystem::path folder_;
  const std::filesystem::path record_;
  const Config config_;
  std::string report_;
  std::optional<MappedPage> page_;
  std::uint64_t counted_ = 0;
};

}  // namespace

std::unique_ptr<Work> make_stress_work(const Stint& stint, const WorkPlaces& places, const Config& config) {
  return std::make_unique<StressWork>(stint, places, config);
}

}  // namespace rcufarm::stress
