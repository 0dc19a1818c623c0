#include "cli/processes.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

namespace rcufarm::cli {

Processes::~Processes() {
  send_all(SIGKILL);
  wait_for_all();
}

std::string Processes::start(const std::function<void()>& body) {
  std::fflush(nullptr);
  const pid_t parent = getpid();
  const pid_t id = fork();
  if (id < 0) return std::string("cannot start an explorer: ") + std::strerror(errno);
  if (id == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);  // it died before that
    body();
    _exit(0);
  }
  processes_.push_back({id, false});
  return "";
}

void Processes::send_all(int signal) const {
  for (const Process& process : processes_) {
    if (!process.is_over) kill(process.id, signal);
  }
}

void Processes::note_end(std::size_t index, int status) {
  processes_[index].is_over = true;
  if (!trouble_.empty()) return;
  if (WIFSIGNALED(status))
    trouble_ = fmt::format("explorer {} was killed by {}", index + 1, strsignal(WTERMSIG(status)));
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
    trouble_ = fmt::format("explorer {} ended with {}", index + 1, WEXITSTATUS(status));
}

bool Processes::any_runs() {
  bool any = false;
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    int status = 0;
    if (processes_[i].is_over) continue;
    if (waitpid(processes_[i].id, &status, WNOHANG) == processes_[i].id) {
      note_end(i, status);
    } else {
      any = true;
    }
  }
  return any;
}

std::string Processes::wait_for_all() {
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    if (processes_[i].is_over) continue;
    int status = 0;
    while (waitpid(processes_[i].id, &status, 0) < 0 && errno == EINTR) {
    }
    note_end(i, status);
  }
  return trouble_;
}

SharedMemory::SharedMemory(std::size_t bytes)
    : bytes_(bytes), memory_(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
  if (memory_ == MAP_FAILED) memory_ = nullptr;
}

SharedMemory::~SharedMemory() {
  if (memory_ != nullptr) munmap(memory_, bytes_);
}

}  // namespace rcufarm::cli
