// One thread waits, once, for another to have done something.
//
// Job: the wait of barriers, synchronize and flush. Lives on the stack of who waits. Only with no CPU owned.
#pragma once

#include <condition_variable>
#include <mutex>

namespace rcufarm::native {

class Completion {
 public:
  // The last access to the object is before the waiter returns.
  void complete();
  // Dies after limits::wait_ms_max; `waiting_for` is for that text.
  void wait(const char* waiting_for);

 private:
  std::mutex lock_;
  std::condition_variable changed_;
  bool done_ = false;
};

}  // namespace rcufarm::native
