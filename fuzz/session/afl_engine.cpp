// AFL++ at work: afl-fuzz with its fork server. It goes on after a failure by itself, and only numbers are known of its
// failures until they are replayed.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <optional>

#include "session/afl_stats.h"
#include "session/child.h"
#include "session/engine.h"
#include "session/process_tree.h"
#include "session/statsd_socket.h"

namespace rcufarm::session {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds memory_check_interval{1};

std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::vector<std::filesystem::path> saved_inputs(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> inputs;
  std::error_code none_yet;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none_yet)) {
    if (entry.path().filename().string().starts_with("id:")) inputs.push_back(entry.path());
  }
  std::sort(inputs.begin(), inputs.end());
  return inputs;
}

class AflEngine final : public Engine {
 public:
  AflEngine(const EngineSpec& spec, const EngineSetting& setting)
      : spec_(spec), setting_(setting), log_file_(setting.folder / "log.txt") {}

  void start() override {
    auto started = Child::start(command());
    if (auto* error = std::get_if<std::string>(&started)) {
      troubles_.push_back("did not start: " + *error + ". Debian: apt-get install afl++");
      return;
    }
    child_.emplace(std::move(std::get<Child>(started)));
  }

  void poll() override {
    statsd_.read_packets([&](std::string_view packet) { update_from_statsd(packet, figures_); });
    if (figures_.edges_all == 0) take_stats_file();
    if (!child_) return;
    check_memory();
    const auto status = child_->status();
    child_->read_lines([&](std::string_view line) { take(line); });
    if (!status) return;
    child_.reset();
    if (!stopping_ && troubles_.empty()) troubles_.push_back("afl-fuzz ended by " + describe_status(*status));
  }

  void ask_to_stop() override {
    stopping_ = true;
    if (child_) child_->signal_group(SIGINT);  // it writes its last figures and ends its fork server
  }

  bool ended() override {
    poll();
    return !child_;
  }

  void finish() override {
    stopping_ = true;
    if (child_) child_->kill();
    poll();
    take_stats_file();
    for (const auto* folder : {"crashes", "hangs"}) {
      for (auto& input : saved_inputs(state() / folder)) failures_.push_back({std::move(input), {}});
    }
    finished_ = true;
  }

  Figures figures() const override { return figures_; }

  std::size_t failure_count() const override {
    if (finished_) return failures_.size();
    return failures_.size() + saved_inputs(state() / "crashes").size() + saved_inputs(state() / "hangs").size();
  }

 private:
  std::filesystem::path state() const { return setting_.folder / "out" / "default"; }

  Command command() const {
    const Limits& limits = setting_.limits;
    const auto milliseconds = std::chrono::milliseconds(limits.input_time_max).count();
    Command command;
    command.signal_if_session_dies = SIGTERM;  // so that it ends its fork server, which is in a session of its own
    // AFL++'s own defaults for ASan and UBSan are right; a user's could keep it from starting.
    command.unset = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"};
    command.set = {{"AFL_NO_UI", "1"},
                   {"AFL_SKIP_CPUFREQ", "1"},
                   {"AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES", "1"},
                   {"AFL_NO_AFFINITY", "1"},
                   {"AFL_HANG_TMOUT", fmt::format("{}", milliseconds)},
                   {"TSAN_OPTIONS", "halt_on_error=1:abort_on_error=1:symbolize=0"}};
    if (statsd_.port()) {
      command.set.emplace_back("AFL_STATSD", "1");
      command.set.emplace_back("AFL_STATSD_HOST", "127.0.0.1");
      command.set.emplace_back("AFL_STATSD_PORT", fmt::format("{}", *statsd_.port()));
    }
    if (!setting_.afl_mutator.empty()) {
      command.set.emplace_back("AFL_CUSTOM_MUTATOR_LIBRARY", std::filesystem::absolute(setting_.afl_mutator));
    }
    // -m none: a sanitizer reserves terabytes; check_memory() watches what is really used.
    command.arguments = {"afl-fuzz",
                         "-i",
                         setting_.seeds,
                         "-o",
                         setting_.folder / "out",
                         "-m",
                         "none",
                         "-t",
                         fmt::format("{}", milliseconds),
                         "-G",
                         fmt::format("{}", limits.input_bytes_max)};
    if (!setting_.dictionary.empty()) {
      command.arguments.emplace_back("-x");
      command.arguments.push_back(setting_.dictionary);
    }
    command.arguments.emplace_back("--");
    command.arguments.push_back(spec_.target);
    return command;
  }

  void take(std::string_view line) {
    log_file_.line(line);
    if (auto reason = abort_reason(line)) troubles_.push_back("afl-fuzz gave up: " + *reason);
    if (const auto seed = failing_seed(line)) failures_.push_back({setting_.seeds / *seed, {}});
  }

  void take_stats_file() {
    const auto written = parse_fuzzer_stats(read_file(state() / "fuzzer_stats"));
    if (!written) return;
    figures_.edges_all = written->edges_all;
    if (written->executions >= figures_.executions) figures_ = *written;
  }

  // A target that is killed for its size is a failure for AFL++, and its input is saved.
  void check_memory() {
    if (Clock::now() < next_memory_check_) return;
    next_memory_check_ = Clock::now() + memory_check_interval;
    kill_above(child_->pid(), std::uint64_t{setting_.limits.rss_mb_max} << 20U);
  }

  const EngineSpec spec_;
  const EngineSetting setting_;
  LogFile log_file_;
  StatsdSocket statsd_;
  std::optional<Child> child_;
  Figures figures_;
  Clock::time_point next_memory_check_ = Clock::now();
  bool stopping_ = false;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<Engine> make_afl_engine(const EngineSpec& spec, const EngineSetting& setting) {
  return std::make_unique<AflEngine>(spec, setting);
}

}  // namespace rcufarm::session
