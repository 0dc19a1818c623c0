#include "session/process_tree.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

namespace rcufarm::session {

namespace {

constexpr unsigned stat_fields_between_parent_and_rss = 19;
constexpr unsigned end_attempts_max = 100;

std::vector<ProcessLine> all_processes() {
  std::vector<ProcessLine> all;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    if (!std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) continue;
    std::ifstream file(entry.path() / "stat");
    std::string stat;
    if (std::getline(file, stat, '\0')) {
      if (auto line = parse_process_stat(stat)) all.push_back(*line);
    }
  }
  return all;
}

std::vector<ProcessLine> processes_below(pid_t root) {
  const auto all = all_processes();
  std::vector<ProcessLine> below;
  std::vector<pid_t> open{root};
  while (!open.empty()) {
    const pid_t parent = open.back();
    open.pop_back();
    for (const auto& process : all) {
      if (process.parent != parent) continue;
      below.push_back(process);
      open.push_back(process.pid);
    }
  }
  return below;
}

}  // namespace

std::optional<ProcessLine> parse_process_stat(std::string_view stat) {
  const auto name_end = stat.rfind(") ");
  if (name_end == std::string_view::npos) return std::nullopt;
  ProcessLine line;
  if (std::from_chars(stat.data(), stat.data() + stat.size(), line.pid).ec != std::errc{}) return std::nullopt;
  std::istringstream rest{std::string(stat.substr(name_end + 2))};
  std::string skipped;
  rest >> skipped >> line.parent;  // its state, then its parent
  for (unsigned i = 0; i < stat_fields_between_parent_and_rss; ++i) rest >> skipped;
  if (!(rest >> line.resident_pages)) return std::nullopt;
  return line;
}

std::vector<pid_t> descendants(pid_t root) {
  std::vector<pid_t> pids;
  for (const auto& process : processes_below(root)) pids.push_back(process.pid);
  return pids;
}

unsigned kill_above(pid_t root, std::uint64_t bytes_max) {
  const auto page_bytes = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  unsigned killed = 0;
  for (const auto& process : processes_below(root)) {
    if (process.resident_pages * page_bytes <= bytes_max) continue;
    if (kill(process.pid, SIGKILL) == 0) ++killed;
  }
  return killed;
}

void adopt_orphans() { prctl(PR_SET_CHILD_SUBREAPER, 1); }

void end_orphans() {
  for (unsigned attempt = 0; attempt < end_attempts_max; ++attempt) {
    const auto left = descendants(getpid());
    if (left.empty()) return;
    for (const pid_t pid : left) kill(pid, SIGKILL);
    while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
    usleep(10'000);
  }
}

}  // namespace rcufarm::session
