#include "bench/child_case.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <vector>

#include "bench/clocks.h"

namespace rcufarm::bench {
namespace {

constexpr const char* child_flag = "--child-case";
constexpr const char* figure_mark = "figure";
constexpr const char* error_mark = "error";

[[noreturn]] void die(const std::string& text) {
  std::fprintf(stderr, "bench: %s\n", text.c_str());
  std::abort();
}

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() {
    if (pipe(ends.data()) != 0) die("no pipe for a child case; raise the limit of open files");
  }
  ~Pipe() {
    for (int& end : ends) close_end(end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

// Reads until the child closes its end. Nothing if that takes longer than the timeout.
std::optional<std::string> read_all(int end) {
  const std::int64_t deadline_ns = wall_ns() + case_timeout_ms * 1'000'000;
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const std::int64_t left_ms = (deadline_ns - wall_ns()) / 1'000'000;
    pollfd wait_for{end, POLLIN, 0};
    if (left_ms <= 0 || poll(&wait_for, 1, static_cast<int>(left_ms)) == 0) return std::nullopt;
    const ssize_t got = read(end, part.data(), part.size());
    if (got == 0) return text;
    if (got > 0) text.append(part.data(), static_cast<std::size_t>(got));
  }
}

CaseResult parse(const std::string& text) {
  Figures figures;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string mark;
    std::string name;
    double value = 0;
    words >> mark;
    if (mark == error_mark) return CaseError{line.substr(mark.size() + 1)};
    if (mark == figure_mark && words >> name >> value) figures[name] = value;
  }
  if (figures.empty()) return CaseError{"the child printed no figure"};
  return figures;
}

std::string describe_end(int status) {
  if (WIFSIGNALED(status)) return "the child died of signal " + std::to_string(WTERMSIG(status));
  return "the child left with exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

CaseResult run_in_child(const std::string& case_name, const Settings& settings) {
  std::vector<std::string> words{"bench_alloc", child_flag, case_name};
  for (const auto& [name, value] : settings) {
    std::string& word = words.emplace_back(name);
    word += '=';
    word += value;
  }
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  Pipe output;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output.ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, output.ends[0]);
  pid_t child = -1;
  const int failed = posix_spawn(&child, "/proc/self/exe", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return CaseError{"the child case could not be started: is /proc mounted?"};

  Pipe::close_end(output.ends[1]);
  const std::optional<std::string> text = read_all(output.ends[0]);
  if (!text) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
  }
  if (!text) return CaseError{"the child took longer than " + std::to_string(case_timeout_ms) + " ms and was killed"};
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return CaseError{describe_end(status)};
  return parse(*text);
}

bool is_child_call(int argc, char** argv) { return argc >= 3 && std::string(argv[1]) == child_flag; }

int child_main(int argc, char** argv, const std::map<std::string, CaseFunction>& cases) {
  const auto found = cases.find(argv[2]);
  if (found == cases.end()) die(std::string("no case is called ") + argv[2]);
  Settings settings;
  for (int i = 3; i < argc; ++i) {
    const std::string word = argv[i];
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) die("a setting has no '=': " + word);
    settings[word.substr(0, equals)] = word.substr(equals + 1);
  }
  const CaseResult result = found->second(settings);
  if (const auto* error = std::get_if<CaseError>(&result)) {
    std::printf("%s %s\n", error_mark, error->text.c_str());
    return EXIT_SUCCESS;  // the parent learns of it from the text
  }
  for (const auto& [name, value] : std::get<Figures>(result)) {
    std::printf("%s %s %.17g\n", figure_mark, name.c_str(), value);
  }
  return EXIT_SUCCESS;
}

double number_setting(const Settings& settings, const std::string& name) {
  const std::string& text = text_setting(settings, name);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) die("setting " + name + " is no number: " + text);
  return value;
}

const std::string& text_setting(const Settings& settings, const std::string& name) {
  const auto found = settings.find(name);
  if (found == settings.end()) die("a case lacks the setting " + name);
  return found->second;
}

}  // namespace rcufarm::bench
