#include "native/short_polls.h"

#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "native/die.h"
#include "native/kernel_signal.h"

namespace rcufarm::native {
namespace {

// A timer of the calling thread's own, for as long as the thread lives.
class ThreadTimer {
 public:
  ThreadTimer() {
    install_kernel_signal();
    sigevent event = {};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = kernel_signal;
    event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
    if (timer_create(CLOCK_MONOTONIC, &event, &timer_) != 0) die("cannot create the timer for grace periods");
  }
  ~ThreadTimer() { timer_delete(timer_); }
  ThreadTimer(const ThreadTimer&) = delete;
  ThreadTimer& operator=(const ThreadTimer&) = delete;

  // 0: stop.
  void fire_every(long microseconds) noexcept {
    itimerspec when = {};
    when.it_value.tv_nsec = microseconds * 1000;
    when.it_interval = when.it_value;
    timer_settime(timer_, 0, &when, nullptr);
  }

 private:
  timer_t timer_{};
};

ThreadTimer& timer() {
  static thread_local ThreadTimer mine;
  return mine;
}

}  // namespace

ShortPolls::ShortPolls() { timer().fire_every(poll_us_max); }

ShortPolls::~ShortPolls() { timer().fire_every(0); }

}  // namespace rcufarm::native
