#include "native/backoff.h"

#include <sched.h>
#include <time.h>

#include "native/die.h"
#include "native/limits.h"
#include "native/port/context.h"

namespace rcufarm::native {
namespace {
constexpr unsigned spins = 64;
constexpr unsigned yields = 64;
constexpr long sleep_ns = 50'000;
}  // namespace

void Backoff::pause() noexcept {
  ++pauses_;
  if (pauses_ <= spins) return kernel::cpu_relax();
  if (pauses_ <= spins + yields) {
    sched_yield();
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (began_ == std::chrono::steady_clock::time_point{}) began_ = now;
  if (now - began_ > std::chrono::milliseconds(limits::wait_ms_max)) die("waited too long for ", waiting_for_);
  const timespec duration{.tv_sec = 0, .tv_nsec = sleep_ns};
  nanosleep(&duration, nullptr);
}

}  // namespace rcufarm::native
