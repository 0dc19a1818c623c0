// libFuzzer at work: one process, started again after each failure, since libFuzzer ends at the first one. (Its fork mode
// goes on, but stops all workers to merge.)
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <optional>

#include "session/child.h"
#include "session/engine.h"
#include "session/libfuzzer_log.h"
#include "session/seeds.h"
#include "session/signature.h"

namespace rcufarm::session {

namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned silent_deaths_max = 3;
constexpr std::size_t last_words_bytes_max = 600;

class LibfuzzerEngine final : public Engine {
 public:
  LibfuzzerEngine(const EngineSpec& spec, const EngineSetting& setting)
      : spec_(spec), setting_(setting), log_file_(setting.folder / "log.txt") {}

  void start() override {
    std::filesystem::create_directories(corpus());
    std::filesystem::create_directories(artifacts());
    launch();
  }

  void poll() override {
    if (!child_) return;
    // The status first: what is in the pipe after it is all there will be.
    const auto status = child_->status();
    child_->read_lines([&](std::string_view line) { take(line); });
    if (!status) return;
    child_.reset();
    settle(*status);
    if (!stopping_ && troubles_.empty()) launch();
  }

  void ask_to_stop() override {
    stopping_ = true;
    if (child_) child_->signal_group(SIGINT);  // it prints its last figures
  }

  bool ended() override {
    poll();
    return !child_;
  }

  void finish() override {
    stopping_ = true;
    if (child_) child_->kill();
    poll();
  }

  Figures figures() const override {
    Figures figures = log_.figures();
    if (child_ && figures.rate > 0) {
      const std::chrono::duration<double> since = Clock::now() - told_;
      figures.executions += static_cast<std::uint64_t>(since.count() * figures.rate);
      figures.estimated = true;
    }
    figures.executions += executions_before_;
    figures.edges = std::max(figures.edges, edges_before_);
    return figures;
  }

 private:
  std::filesystem::path corpus() const { return setting_.folder / "corpus"; }
  std::filesystem::path artifacts() const { return setting_.folder / "failures"; }
  std::filesystem::path record() const { return setting_.folder / "record.json"; }

  void launch() {
    const Limits& limits = setting_.limits;
    Command command;
    command.set = sanitizer_environment();
    command.set.emplace_back(harness::record_variable, record());
    command.arguments = {spec_.target,
                         corpus(),
                         setting_.seeds,
                         "-print_final_stats=1",
                         fmt::format("-artifact_prefix={}/", artifacts().string()),
                         fmt::format("-rss_limit_mb={}", limits.rss_mb_max),
                         fmt::format("-timeout={}", limits.input_time_max.count()),
                         fmt::format("-max_len={}", limits.input_bytes_max)};
    if (!setting_.dictionary.empty()) command.arguments.push_back("-dict=" + setting_.dictionary.string());
    std::copy(setting_.libfuzzer_arguments.begin(), setting_.libfuzzer_arguments.end(),
              std::back_inserter(command.arguments));
    log_ = LibfuzzerLog();
    auto started = Child::start(command);
    if (auto* error = std::get_if<std::string>(&started)) {
      troubles_.push_back("did not start: " + *error);
      return;
    }
    child_.emplace(std::move(std::get<Child>(started)));
  }

  void take(std::string_view line) {
    log_.line(line);
    log_file_.line(line);
    if (line.starts_with('#')) told_ = Clock::now();
  }

  // The books of a run that has ended.
  void settle(int status) {
    executions_before_ += log_.figures().executions;
    edges_before_ = std::max(edges_before_, log_.figures().edges);
    Figures last = log_.figures();
    last.executions = 0;  // moved to executions_before_
    const std::string report = log_.report();
    const auto input = log_.failing_input();
    log_ = LibfuzzerLog(last);
    if (input) {
      failures_.push_back({*input, first_finding(harness::receive(record()), report).signature});
      std::ofstream(input->string() + ".txt") << report;
      // An input of the corpus that fails (sometimes) would end each later start at once.
      remove_equal(corpus(), *input);
      remove_equal(setting_.seeds, *input);
      return;
    }
    if (stopping_) return;
    if (++silent_deaths_ < silent_deaths_max && executions_before_ > 0) return;
    const auto words =
        report.size() > last_words_bytes_max ? report.substr(report.size() - last_words_bytes_max) : report;
    troubles_.push_back(
        fmt::format("ended by {} without saving an input. Its last words:\n{}", describe_status(status), words));
  }

  const EngineSpec spec_;
  const EngineSetting setting_;
  LogFile log_file_;
  LibfuzzerLog log_;
  std::optional<Child> child_;
  Clock::time_point told_ = Clock::now();
  std::uint64_t executions_before_ = 0;  // of runs that have ended
  std::uint64_t edges_before_ = 0;
  unsigned silent_deaths_ = 0;
  bool stopping_ = false;
};

}  // namespace

std::unique_ptr<Engine> make_libfuzzer_engine(const EngineSpec& spec, const EngineSetting& setting) {
  return std::make_unique<LibfuzzerEngine>(spec, setting);
}

}  // namespace rcufarm::session
