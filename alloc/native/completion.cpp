#include "native/completion.h"

#include <chrono>

#include "native/die.h"
#include "native/limits.h"

namespace rcufarm::native {

void Completion::complete() {
  const std::scoped_lock held(lock_);
  done_ = true;
  changed_.notify_one();  // under the lock: the waiter cannot see it done, and end the object, before
}

void Completion::wait(const char* waiting_for) {
  std::unique_lock held(lock_);
  if (!changed_.wait_for(held, std::chrono::milliseconds(limits::wait_ms_max), [this] { return done_; })) {
    die("waited too long for ", waiting_for);
  }
}

}  // namespace rcufarm::native
