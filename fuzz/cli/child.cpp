#include "cli/child.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

extern char** environ;

namespace rcufarm::cli {

namespace {

using Clock = std::chrono::steady_clock;

// Reads until the other end closes. False: time is up.
bool read_all(int fd, Clock::time_point deadline, std::string& out) {
  std::array<char, 65536> buffer;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = poll(&wait, 1, static_cast<int>(std::min<long long>(left, 1000)));
    if (ready < 0 && errno != EINTR) return true;
    if (ready <= 0) continue;
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    const std::size_t room = child_output_max - std::min(out.size(), child_output_max);
    out.append(buffer.data(), std::min(static_cast<std::size_t>(got), room));
  }
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return status;
}

pid_t spawn(const std::vector<std::string>& arguments, int out, std::string& trouble) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  pid_t child = -1;
  const int error = posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) trouble = "cannot run " + arguments[0] + ": " + std::strerror(error);
  return error == 0 ? child : -1;
}

}  // namespace

ChildOutput run_child(const std::vector<std::string>& arguments, double seconds_max) {
  ChildOutput result;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    result.trouble = std::string("cannot make a pipe: ") + std::strerror(errno);
    return result;
  }
  const pid_t child = spawn(arguments, ends[1], result.trouble);
  close(ends[1]);
  if (child >= 0) {
    const auto deadline =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds_max));
    if (!read_all(ends[0], deadline, result.out)) {
      kill(child, SIGKILL);
      result.trouble = "it did not end in time";
    }
    const int status = wait_for(child);
    if (WIFEXITED(status)) {
      result.exit_code = WEXITSTATUS(status);
    } else if (result.trouble.empty()) {
      result.trouble =
          WIFSIGNALED(status) ? std::string("it was killed by ") + strsignal(WTERMSIG(status)) : "it is gone";
    }
  }
  close(ends[0]);
  return result;
}

}  // namespace rcufarm::cli
