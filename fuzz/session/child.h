// A child process: started, read, ended.
//
// Job: own one process with its output pipe, in a process group of its own, so that it and what it started can be ended
// together. Owner: an engine or a replay; one thread. A child dies with the session, whatever ends that.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace rcufarm::session {

struct Command {
  std::vector<std::string> arguments;  // the program first; looked up in PATH
  std::vector<std::pair<std::string, std::string>> set;
  std::vector<std::string> unset;
  int signal_if_session_dies = 9;  // SIGKILL
};

class Child {
 public:
  // stdout and stderr come through one pipe, stdin is empty. The error says why the program did not start.
  static std::variant<Child, std::string> start(const Command& command);

  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  Child(const Child&) = delete;
  // Kills the group if it still runs.
  ~Child();

  // Hands over each whole line that has come, without waiting; a line over line_bytes_max comes in pieces.
  void read_lines(const std::function<void(std::string_view)>& line);

  // The wait status once the process has ended; never waits. All output is in the pipe by then.
  std::optional<int> status();

  // A signal to the whole group.
  void signal_group(int signal) const;

  // SIGKILL to the group and to every descendant, and reaps them.
  void kill();

  pid_t pid() const { return pid_; }

 private:
  Child(pid_t pid, int output) : pid_(pid), output_(output) {}

  pid_t pid_ = -1;
  int output_ = -1;
  std::optional<int> status_;
  std::string partial_;
};

// "exit code 77", "signal 9 (Killed)".
std::string describe_status(int status);

// Runs a command to its end and gives all that it printed (bounded), or kills it after `limit`.
struct Completed {
  std::string output;
  std::optional<int> status;  // none: it ran into the limit
};
std::variant<Completed, std::string> run_to_end(const Command& command, std::chrono::seconds limit);

}  // namespace rcufarm::session
