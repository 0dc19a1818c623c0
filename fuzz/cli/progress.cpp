#include "cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <ctime>

namespace rcufarm::cli {

namespace {
volatile std::sig_atomic_t interrupt_seen = 0;
// Ctrl-C, and what service managers and `timeout` send: that one twice, to the program and to its group. Somebody's second one ends
// the program at once.
constexpr int signals[] = {SIGINT, SIGTERM};
constexpr std::time_t seconds_between = 1;
volatile std::time_t first_second = 0;
void on_interrupt(int signal) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (interrupt_seen == 0) {
    first_second = now.tv_sec;
    interrupt_seen = 1;
  } else if (now.tv_sec - first_second > seconds_between) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}
}  // namespace

Progress::Progress(bool wanted) : terminal_(wanted && isatty(STDERR_FILENO) == 1) {
  interrupt_seen = 0;
  for (const int signal : signals) std::signal(signal, &on_interrupt);
}

Progress::~Progress() {
  clear();
  for (const int signal : signals) std::signal(signal, SIG_DFL);
}

bool Progress::interrupted() { return interrupt_seen != 0; }

unsigned Progress::columns() const {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2) return 79;
  return size.ws_col - 1U;
}

void Progress::show(const std::string& line) {
  if (!terminal_) return;
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
  std::fflush(stderr);
  shown_ = true;
}

void Progress::clear() {
  if (shown_) std::fputs("\r\033[K", stderr);
  shown_ = false;
}

}  // namespace rcufarm::cli
