#include "stress/worker/process_table.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <fstream>
#include <optional>

#include "session/child.h"
#include "stress/worker/work.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds gdb_time_max{4};
constexpr std::size_t processes_shown_max = 2;

template <class Visit>
void for_each_process(Visit visit) {
  std::error_code error;
  for (auto it = fs::directory_iterator("/proc", error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    const std::string name = it->path().filename();
    pid_t pid = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ec == std::errc{} && parsed.ptr == name.data() + name.size()) visit(pid, it->path());
  }
}

std::string first_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

std::string by_gdb(pid_t process) {
  session::Command command;
  command.arguments = {
      "gdb", "-nx", "-batch", "-p", std::to_string(process), "-ex", "set width 0", "-ex", "thread apply all bt 32"};
  const auto done = session::run_to_end(command, gdb_time_max);
  const auto* completed = std::get_if<session::Completed>(&done);
  if (completed == nullptr || completed->output.find("#0") == std::string::npos) return "";
  const auto begin = completed->output.find("\nThread");
  return "by gdb:\n" + completed->output.substr(begin == std::string::npos ? 0 : begin);
}

std::string by_proc(pid_t process) {
  std::string text =
      "from /proc, since gdb is not there or may not attach (name, state, where it waits, kernel stack):\n";
  std::error_code error;
  for (const auto& task : fs::directory_iterator(fmt::format("/proc/{}/task", process), error)) {
    const std::string status = read_bytes(task.path() / "status");
    const auto state = status.find("State:");
    text += fmt::format(
        "thread {} ({}) {} wchan {} syscall {}\n{}", task.path().filename().string(), first_line(task.path() / "comm"),
        state == std::string::npos ? "" : status.substr(state, status.find('\n', state) - state),
        first_line(task.path() / "wchan"), first_line(task.path() / "syscall"), read_bytes(task.path() / "stack"));
  }
  return text;
}

}  // namespace

ProcessTable ProcessTable::now() {
  ProcessTable table;
  for_each_process([&](pid_t /*pid*/, const fs::path& folder) {
    if (const auto line = session::parse_process_stat(first_line(folder / "stat"))) table.lines_.push_back(*line);
  });
  return table;
}

std::vector<pid_t> ProcessTable::children(pid_t parent) const {
  std::vector<pid_t> pids;
  for (const auto& line : lines_) {
    if (line.parent == parent) pids.push_back(line.pid);
  }
  return pids;
}

std::vector<pid_t> ProcessTable::tree(pid_t root) const {
  std::vector<pid_t> pids{root};
  for (std::size_t i = 0; i < pids.size(); ++i) {
    for (const auto& line : lines_) {
      if (line.parent == pids[i]) pids.push_back(line.pid);
    }
  }
  return pids;
}

std::uint64_t ProcessTable::resident_bytes(pid_t root) const {
  const auto pids = tree(root);
  std::uint64_t pages = 0;
  for (const auto& line : lines_) {
    if (std::ranges::find(pids, line.pid) != pids.end()) pages += line.resident_pages;
  }
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

unsigned kill_left_over(const fs::path& state) {
  const std::string mark = fmt::format("{}={}", farm_variable, state.string());
  unsigned killed = 0;
  for_each_process([&](pid_t pid, const fs::path& folder) {
    const std::string environment = '\0' + read_bytes(folder / "environ");
    const auto at = environment.find('\0' + mark + '\0');
    if (pid != getpid() && at != std::string::npos && kill(pid, SIGKILL) == 0) ++killed;
  });
  return killed;
}

std::string stacks_of(const std::vector<pid_t>& processes) {
  std::string text;
  std::size_t shown = 0;
  // The last ones are the children, who do the work.
  for (auto pid = processes.rbegin(); pid != processes.rend() && shown < processes_shown_max; ++pid, ++shown) {
    const std::string stacks = by_gdb(*pid);
    text += fmt::format("process {} ({}), {}\n", *pid, first_line(fmt::format("/proc/{}/comm", *pid)),
                        stacks.empty() ? by_proc(*pid) : stacks);
  }
  return text;
}

}  // namespace rcufarm::stress
