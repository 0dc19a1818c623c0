// stress_native: random scenarios on real threads, until something is found or time is up.
//
// Job: start the worker as a child process, watch it, and say what came out: counts, the first finding (the oracles', a
// sanitizer's, or a crash), its input and the command that replays it. Exit 0: nothing found; 1: a finding; 2: bad use or
// environment. With --expect-finding, 0 and 1 change places: for builds with a planted mistake.
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <new>
#include <string>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "targets/stress_worker.h"

namespace {

using namespace rcufarm::targets;

constexpr std::size_t report_bytes_max = 1U << 20U;

struct Options {
  StressPlan plan;
  std::string findings_dir = ".";
  std::string page;  // "": memory of our own
  bool expect_finding = false;
  double grace_seconds = 60;  // for the run in progress when time is up
};

struct Ended {
  int status = 0;      // of wait()
  std::string report;  // what the worker wrote to stderr
  double seconds = 0;
  bool timed_out = false;
};

// In a file if there is a name: then others see it, also after both processes have died.
StressState* map_state(const std::string& page) {
  int file = -1;
  if (!page.empty()) {
    file = open(page.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0 || ftruncate(file, sizeof(StressState)) != 0) return nullptr;
  }
  const int flags = MAP_SHARED | (file < 0 ? MAP_ANONYMOUS : 0);
  void* memory = mmap(nullptr, sizeof(StressState), PROT_READ | PROT_WRITE, flags, file, 0);
  if (file >= 0) close(file);
  return memory == MAP_FAILED ? nullptr : new (memory) StressState;
}

// Reads the worker's stderr until it ends; kills it when it overstays.
Ended supervise(pid_t worker, int pipe, const Options& options) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  Ended ended;
  char buffer[4096];
  for (;;) {
    pollfd wait_for{.fd = pipe, .events = POLLIN, .revents = 0};
    if (poll(&wait_for, 1, 200) > 0) {
      const ssize_t got = read(pipe, buffer, sizeof buffer);
      if (got <= 0) break;
      if (ended.report.size() < report_bytes_max) ended.report.append(buffer, static_cast<std::size_t>(got));
    }
    if (!ended.timed_out && elapsed() > options.plan.seconds + options.grace_seconds) {
      ended.timed_out = true;
      kill(worker, SIGKILL);
    }
  }
  waitpid(worker, &ended.status, 0);
  ended.seconds = elapsed();
  return ended;
}

constexpr const char* sanitizers_marks[] = {"runtime error: ", "SUMMARY: "};

// A mistake of the allocator ends the worker by one of these; anything else is the machine's doing (no memory, a kill).
bool is_finding(const Ended& ended) {
  if (ended.timed_out) return true;
  if (WIFSIGNALED(ended.status)) {
    const int signal = WTERMSIG(ended.status);
    return signal == SIGSEGV || signal == SIGBUS || signal == SIGABRT || signal == SIGFPE || signal == SIGILL ||
           signal == SIGTRAP;
  }
  return WEXITSTATUS(ended.status) == stress_exit_found || std::ranges::any_of(sanitizers_marks, [&](const char* mark) {
           return ended.report.find(mark) != std::string::npos;
         });
}

// For people: the sanitizer's summary, or else how the worker ended and the first line that it said.
std::string headline(const Ended& ended) {
  for (const char* mark : sanitizers_marks) {
    if (const std::size_t at = ended.report.find(mark); at != std::string::npos) {
      return ended.report.substr(at, ended.report.find('\n', at) - at);
    }
  }
  if (ended.timed_out) return "the worker did not end in time";
  const std::string first = ended.report.substr(0, ended.report.find('\n'));
  if (WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == stress_exit_found) return first;
  const std::string end = WIFSIGNALED(ended.status)
                              ? fmt::format("the worker died of signal {}", WTERMSIG(ended.status))
                              : fmt::format("the worker ended with exit code {}", WEXITSTATUS(ended.status));
  return first.empty() ? end : end + ": " + first;
}

std::string save_input(const StressState& state, const Options& options) {
  const std::string path =
      fmt::format("{}/finding-{}-{}.scenario", options.findings_dir, options.plan.seed, state.runs.load());
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(state.input), state.input_bytes.load());
  file.close();
  return file ? path : fmt::format("(its input could not be saved to {}: {})", path, std::strerror(errno));
}

// The replay_native that was built with this program, on the same allocator.
std::string replay_program() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  std::string name = self.filename().string();
  if (const std::size_t at = name.find("stress"); at != std::string::npos) name.replace(at, 6, "replay");
  const std::filesystem::path replay = self.parent_path() / name;
  const std::string nearby = std::filesystem::proximate(replay, error).string();
  return nearby.starts_with("..") ? replay.string() : nearby;
}

int conclude(const Ended& ended, const StressState& state, const Options& options) {
  fmt::print(
      "{} runs ({} of them where a tasks-trace grace period implies a regular one), {} operations, {} objects in "
      "{:.1f} s\n",
      state.runs.load(), state.runs_implied.load(), state.operations.load(), state.objects.load(), ended.seconds);
  if (WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 0) {
    fmt::print("nothing found\n");
    return options.expect_finding ? 1 : 0;
  }
  fmt::print("{}", ended.report);
  if (!is_finding(ended)) {
    fmt::print(stderr, "stress_native: {}; is there too little memory?\n", headline(ended));
    return 2;
  }
  const std::string path = save_input(state, options);
  fmt::print("found after {:.2f} s: {}\nreplay: {} {}\n", ended.seconds, headline(ended), replay_program(), path);
  return options.expect_finding ? 0 : 1;
}

int run(const Options& options) {
  std::error_code error;
  std::filesystem::create_directories(options.findings_dir, error);
  if (error) {
    fmt::print(stderr, "stress_native: cannot make {}: {}\n", options.findings_dir, error.message());
    return 2;
  }
  StressState* state = map_state(options.page);
  int ends[2] = {-1, -1};
  if (state == nullptr || pipe(ends) != 0) {
    fmt::print(stderr, "stress_native: no memory, no pipe, or no page {}: {}\n", options.page, std::strerror(errno));
    return 2;
  }
  const pid_t worker = fork();
  if (worker < 0) {
    fmt::print(stderr, "stress_native: cannot fork: {}\n", std::strerror(errno));
    return 2;
  }
  if (worker == 0) {
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    _exit(stress_until_found(options.plan, *state));
  }
  close(ends[1]);
  return conclude(supervise(worker, ends[0], options), *state, options);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Runs random scenarios on real threads until something is found or time is up.");
  app.add_option("--seconds", options.plan.seconds, "how long")->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--seed", options.plan.seed, "which scenarios")->capture_default_str();
  app.add_option("--findings", options.findings_dir, "where inputs of findings go")->capture_default_str();
  app.add_option("--page", options.page, "a file that shows counters, figures and the present input while it runs");
  app.add_flag("--expect-finding", options.expect_finding, "succeed if something is found, and fail if not");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return run(options);
}
