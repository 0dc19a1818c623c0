// fuzz_session: libFuzzer and AFL++ on given targets for a while, a progress line, and a summary.
//
// Exit codes: 0 nothing found, 1 findings, 2 wrong use or an environment in which an engine could not work.
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <fstream>

#include "session/host.h"
#include "session/present.h"
#include "session/session.h"

namespace {

using namespace rcufarm::session;
namespace fs = std::filesystem;

volatile std::sig_atomic_t stops_asked = 0;

void on_stop(int) { stops_asked = stops_asked + 1; }

void catch_stops() {
  struct sigaction action {};
  action.sa_handler = on_stop;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

// Lines on a terminal are drawn over each other once a second; elsewhere they come every ten seconds.
class ProgressPrinter {
 public:
  void show(const Progress& progress) {
    if (progress.elapsed.count() < next_) return;
    next_ = progress.elapsed.count() + (terminal_ ? 1 : 10);
    if (terminal_ && drawn_ > 0) fmt::print("\x1b[{}A", drawn_);
    for (const auto& engine : progress.engines) {
      fmt::print("{}{}\n", terminal_ ? "\r\x1b[K" : "", progress_line(progress, engine, columns()));
    }
    drawn_ = progress.engines.size();
    std::fflush(stdout);
  }

 private:
  unsigned columns() const {
    winsize size{};
    return terminal_ && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
  }

  const bool terminal_ = isatty(STDOUT_FILENO) == 1;
  double next_ = 1;
  std::size_t drawn_ = 0;
};

const char* words(Sanitizer sanitizer) {
  switch (sanitizer) {
    case Sanitizer::none: return "plain";
    case Sanitizer::address: return "ASan";
    case Sanitizer::undefined: return "UBSan";
    case Sanitizer::thread: return "TSan";
  }
  std::abort();
}

// The program that runs one input of a target: fuzz_NAME's is replay_NAME.
fs::path replay_beside(const fs::path& target) {
  constexpr std::string_view prefix = "fuzz_";
  std::string name = target.filename();
  if (name.starts_with(prefix)) name.erase(0, prefix.size());
  return target.parent_path() / ("replay_" + name);
}

EngineSpec make_spec(EngineKind kind, const char* name, const fs::path& target, const fs::path& replay) {
  const Sanitizer sanitizer = sanitizer_of(target);
  return {kind, sanitizer, fs::absolute(target), fs::absolute(replay.empty() ? replay_beside(target) : replay),
          fmt::format("{} {}", name, words(sanitizer))};
}

fs::path default_work() {
  const char* state = std::getenv("XDG_STATE_HOME");
  return state != nullptr && *state != '\0' ? fs::path(state) / "rcufarm" / "session" : fs::path("build") / "session";
}

int run(const SessionPlan& plan) {
  if (const auto found = obstacles(plan); !found.empty()) {
    for (const auto& obstacle : found) fmt::print(stderr, "fuzz_session: {}\n", obstacle);
    return 2;
  }
  catch_stops();
  ProgressPrinter printer;
  const Watcher watcher{[&](const Progress& progress) { printer.show(progress); },
                        [](const std::string& text) { fmt::print("{}\n", text); },
                        [] { return static_cast<unsigned>(stops_asked); }};
  const auto result = run_session(plan, watcher);
  if (const auto* error = std::get_if<std::string>(&result)) {
    fmt::print(stderr, "fuzz_session: {}\n", *error);
    return 2;
  }
  const auto& summary = std::get<Summary>(result);
  std::ofstream(summary.folder / "summary.json") << summary_json(summary);
  fmt::print("\n{}", summary_text(summary));
  return exit_code(summary);
}

}  // namespace

int main(int argc, char** argv) {
  SessionPlan plan;
  plan.work = default_work();
  plan.slots = usable_cpus();
  std::vector<fs::path> libfuzzer;
  std::vector<fs::path> afl;
  fs::path replay;
  unsigned seconds = 60;
  unsigned input_seconds = static_cast<unsigned>(plan.limits.input_time_max.count());

  CLI::App app{"Fuzzes targets with libFuzzer and AFL++ for a while."};
  app.add_option("--libfuzzer", libfuzzer, "a target built for libFuzzer (may be repeated)")->allow_extra_args(false);
  app.add_option("--afl", afl, "a target built for AFL++ (may be repeated)")->allow_extra_args(false);
  app.add_option("--replay", replay,
                 "the program that runs one input (beside each target: fuzz_NAME's is replay_NAME)");
  app.add_option("--afl-mutator", plan.afl_mutator, "a custom mutator for AFL++; not instrumented");
  app.add_option("--dictionary", plan.dictionary, "tokens for both engines");
  app.add_option("--libfuzzer-argument", plan.libfuzzer_arguments, "handed to libFuzzer (may be repeated)")
      ->allow_extra_args(false);
  app.add_option("--seeds", plan.seeds, "folder of inputs to start from (may be repeated; made up if empty)")
      ->check(CLI::ExistingDirectory)
      ->allow_extra_args(false);
  app.add_option("--seconds", seconds, "how long")->check(CLI::Range(1, 10'000'000))->capture_default_str();
  app.add_option("--slots", plan.slots, "engines at work at once (the CPUs)")->check(CLI::Range(1, 1024));
  app.add_option("--work", plan.work, "where the session's folder is made")->capture_default_str();
  app.add_option("--rss-limit-mb", plan.limits.rss_mb_max, "memory of one target process")
      ->check(CLI::Range(64, 1'000'000))
      ->capture_default_str();
  app.add_option("--input-seconds", input_seconds, "time of one input")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_option("--input-bytes", plan.limits.input_bytes_max, "size of one input")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  plan.duration = std::chrono::seconds(seconds);
  plan.limits.input_time_max = std::chrono::seconds(input_seconds);
  for (const auto& target : libfuzzer)
    plan.engines.push_back(make_spec(EngineKind::libfuzzer, "libFuzzer", target, replay));
  for (const auto& target : afl) plan.engines.push_back(make_spec(EngineKind::afl, "AFL++", target, replay));
  if (plan.engines.empty()) {
    fmt::print(stderr, "fuzz_session: nothing to run: give --libfuzzer TARGET, --afl TARGET or both\n");
    return 2;
  }
  return run(plan);
}
