#include "native/parker.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace rcufarm::native {

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

void Parker::wait(std::optional<Clock::time_point> deadline) noexcept {
  timespec relative{};
  if (deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(*deadline - Clock::now()).count();
    if (left <= 0) return cancel();
    relative.tv_sec = left / 1'000'000'000;
    relative.tv_nsec = left % 1'000'000'000;
  }
  // Relaxed: only tells a sleep that was announced from one that a waker has ended; the futex looks again.
  const std::uint32_t announced = state_.load(std::memory_order_relaxed);
  if (announced == word_of(State::awake)) return;
  syscall(SYS_futex, &state_, FUTEX_WAIT_PRIVATE, announced, deadline ? &relative : nullptr, nullptr, 0);
  cancel();
}

void Parker::wake_sleeper() noexcept { syscall(SYS_futex, &state_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0); }

}  // namespace rcufarm::native
