#include "session/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "session/process_tree.h"

namespace rcufarm::session {

namespace {

constexpr std::size_t line_bytes_max = 64U << 10U;
constexpr std::size_t output_bytes_max = 1U << 20U;
constexpr std::chrono::milliseconds poll_interval{20};

std::string last_error(const char* what) { return fmt::format("{}: {}", what, std::strerror(errno)); }

// In the child, between fork and exec. The session has one thread, so anything may be called. Never returns.
[[noreturn]] void become(const Command& command, pid_t session, int output, int error) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, command.signal_if_session_dies);
  if (getppid() != session) _exit(127);  // it died before prctl
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(nothing, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  for (const auto& name : command.unset) unsetenv(name.c_str());
  for (const auto& [name, value] : command.set) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> arguments;
  arguments.reserve(command.arguments.size() + 1);
  for (const auto& argument : command.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  const int reason = errno;
  const ssize_t written = write(error, &reason, sizeof reason);
  _exit(written == sizeof reason ? 126 : 127);
}

}  // namespace

std::variant<Child, std::string> Child::start(const Command& command) {
  std::array<int, 2> output{};
  std::array<int, 2> error{};  // closed by a successful exec, else it carries errno
  if (pipe2(output.data(), O_CLOEXEC) != 0) return last_error("pipe");
  if (pipe2(error.data(), O_CLOEXEC) != 0) return last_error("pipe");
  const pid_t session = getpid();
  const pid_t pid = fork();
  if (pid < 0) return last_error("fork");
  if (pid == 0) become(command, session, output[1], error[1]);
  setpgid(pid, pid);  // here too: whichever of the two comes first
  close(output[1]);
  close(error[1]);
  fcntl(output[0], F_SETFL, O_NONBLOCK);
  Child child(pid, output[0]);
  int reason = 0;
  const ssize_t told = read(error[0], &reason, sizeof reason);
  close(error[0]);
  if (told == sizeof reason) return fmt::format("{}: {}", command.arguments[0], std::strerror(reason));
  return child;
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::exchange(other.output_, -1)),
      status_(other.status_),
      partial_(std::move(other.partial_)) {}

Child::~Child() {
  if (pid_ > 0 && !status()) kill();
  if (output_ >= 0) close(output_);
}

void Child::read_lines(const std::function<void(std::string_view)>& line) {
  std::array<char, 16384> buffer{};
  ssize_t count = 0;
  while ((count = read(output_, buffer.data(), buffer.size())) > 0) {
    partial_.append(buffer.data(), static_cast<std::size_t>(count));
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = partial_.find('\n', begin)) != std::string::npos; begin = end + 1) {
      line(std::string_view(partial_).substr(begin, end - begin));
    }
    partial_.erase(0, begin);
    if (partial_.size() >= line_bytes_max) line(std::exchange(partial_, {}));
  }
  if (count == 0 && !partial_.empty()) line(std::exchange(partial_, {}));
}

std::optional<int> Child::status() {
  int status = 0;
  if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

void Child::signal_group(int signal) const {
  if (!status_) ::kill(-pid_, signal);
}

void Child::kill() {
  // Found first, since they get another parent; killed last, so that nobody here sees them die and goes on.
  const auto below = descendants(pid_);
  signal_group(SIGKILL);
  for (const pid_t descendant : below) ::kill(descendant, SIGKILL);
  int status = 0;
  if (!status_ && waitpid(pid_, &status, 0) == pid_) status_ = status;
}

std::string describe_status(int status) {
  if (WIFSIGNALED(status)) return fmt::format("signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  return fmt::format("exit code {}", WEXITSTATUS(status));
}

std::variant<Completed, std::string> run_to_end(const Command& command, std::chrono::seconds limit) {
  auto started = Child::start(command);
  if (auto* error = std::get_if<std::string>(&started)) return std::move(*error);
  auto& child = std::get<Child>(started);
  Completed completed;
  const auto keep = [&](std::string_view line) {
    if (completed.output.size() + line.size() < output_bytes_max) completed.output.append(line).push_back('\n');
  };
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!(completed.status = child.status()) && std::chrono::steady_clock::now() < deadline) {
    child.read_lines(keep);
    std::this_thread::sleep_for(poll_interval);
  }
  if (!completed.status) child.kill();
  child.read_lines(keep);
  return completed;
}

}  // namespace rcufarm::session
