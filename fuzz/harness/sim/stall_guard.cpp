#include "harness/sim/stall_guard.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include "harness/sim/crash_guard.h"
#include "harness/sim/frames.h"
#include "machine/machine.h"
#include "oracle/from_violation.h"

namespace rcufarm::harness {

namespace {

constexpr unsigned looks_max = 5;
// Nobody else's here: libFuzzer has SIGALRM, gcov and profilers SIGPROF.
constexpr int look_signal = SIGVTALRM;

struct Watch {
  std::uint64_t runs = 0;  // begun
  std::uint64_t run_seen = 0;
  std::uint64_t step_seen = 0;
  unsigned looks = 0;  // that saw the same step of the same run
};
thread_local Watch watch;

// On the signal's stack. The run is left from here as from a fault (crash_guard.cpp): whatever it was at is dropped.
void on_look(int, siginfo_t*, void* context) {
  sim::Machine* machine = sim::current_machine();
  if (machine == nullptr) return;
  if (watch.run_seen != watch.runs || watch.step_seen != machine->step()) {
    watch.run_seen = watch.runs;
    watch.step_seen = machine->step();
    watch.looks = 0;
    return;
  }
  if (++watch.looks < looks_max) return;
  watch.looks = 0;
  note_frames(instruction_of(context));
  machine->stop(oracle::stall_code, "it went on without an operation on shared memory");
}

thread_local long look_interval_ns = usual_look_interval_ns;
thread_local timer_t timer{};

bool set_timer() {
  const itimerspec each{.it_interval = {.tv_sec = 0, .tv_nsec = look_interval_ns},
                        .it_value = {.tv_sec = 0, .tv_nsec = look_interval_ns}};
  return timer_settime(timer, 0, &each, nullptr) == 0;
}

// Without a timer a stall is a hang, as it was.
bool start_timer() {
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = look_signal;
  event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
  return timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) == 0 && set_timer();
}

// Timers are not inherited.
thread_local bool has_timer = false;
void on_fork() {
  if (has_timer) has_timer = start_timer();
}

bool install() {
  struct sigaction ours {};
  ours.sa_sigaction = &on_look;
  // The handler does not return when it ends a run: the signal must not stay blocked.
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART;
  prepare_frames();
  if (sigaction(look_signal, &ours, nullptr) != 0 || pthread_atfork(nullptr, nullptr, &on_fork) != 0) std::abort();
  return true;
}

}  // namespace

void watch_for_stalls() {
  [[maybe_unused]] static const bool installed = install();
  if (!has_timer) has_timer = start_timer();
}

void look_for_stalls_each(long nanoseconds) {
  watch_for_stalls();
  look_interval_ns = nanoseconds;
  if (has_timer) has_timer = set_timer();
}

void note_run_begins() { ++watch.runs; }

}  // namespace rcufarm::harness
