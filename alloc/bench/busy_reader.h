// A thread that is in read sections all the time.
//
// Job: hold grace periods up the way a busy reader does: back-to-back sections that last a few nanoseconds, or sections
// of one millisecond each. Its CPU time is the reader's own and is left out of the figures. Owned by one case; a side
// (see deferred.h) says what a section is.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "bench/child_case.h"
#include "bench/clocks.h"

namespace rcufarm::bench {

enum class SectionLength : std::uint8_t { shortest, one_ms };

// The setting "reader" of a case: "short" or "1ms"; anything else is our own bug and aborts.
SectionLength section_length_setting(const Settings& settings);

template <class Side>
class BusyReader {
 public:
  BusyReader(Side& side, SectionLength length) : side_(side), length_(length), thread_([this] { run(); }) {
    while (!running_.load()) std::this_thread::yield();
  }
  ~BusyReader() { stop(); }
  BusyReader(const BusyReader&) = delete;
  BusyReader& operator=(const BusyReader&) = delete;

  std::int64_t cpu_ns() { return thread_cpu_ns(thread_.native_handle()); }

  void stop() {
    stop_.store(true);
    if (thread_.joinable()) thread_.join();
  }

 private:
  static constexpr std::int64_t one_ms_ns = 1'000'000;

  void run() {
    [[maybe_unused]] const auto held = side_.enter_reader();
    running_.store(true);
    // relaxed: only asks the loop to end; the join orders the rest.
    while (!stop_.load(std::memory_order_relaxed)) read_once();
  }

  void read_once() {
    [[maybe_unused]] const auto section = side_.read_section();
    switch (length_) {
      case SectionLength::shortest: return;
      case SectionLength::one_ms: {
        const std::int64_t end_ns = wall_ns() + one_ms_ns;
        while (wall_ns() < end_ns) {
        }
        return;
      }
    }
  }

  Side& side_;
  SectionLength length_;
  std::atomic<bool> running_{false};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace rcufarm::bench
