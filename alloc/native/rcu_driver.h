// The thread that turns queued callbacks into grace periods of one flavour.
//
// Job: gather callbacks, decide when the next grace period begins, have it wait for the readers (grace_periods.h), run the
// callbacks in the order in which they were queued. liburcu's own call_rcu is not used: its thread sleeps 10 ms
// between batches.
//
// The queue is one word: the newest head, and in its low bits the urgency of the most urgent one. So queuing is one
// read-modify-write, and only who raises the urgency looks whether the thread sleeps. Queuing: any context but nmi. A
// machine owns one driver for each flavour; its thread is started by the first callback, barrier or synchronize.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "kernel/types.h"
#include "native/grace_periods.h"
#include "native/parker.h"
#include "native/port/counter.h"
#include "native/port/rcu.h"
#include "native/rcu_stats.h"
#include "native/thread_pool.h"

namespace rcufarm::native {

class Machine;

// How long callbacks wait for a grace period to begin, and who says when it is over.
struct RcuPacing {
  std::chrono::microseconds lazy_delay{100'000};  // call_rcu: wait so long for company
  std::chrono::microseconds hurry_delay{1'000};   // call_rcu_hurry: at once, but not sooner after the last one's begin
  bool honour_urgent = true;                      // rcu_request_urgent_qs; off: as if nobody had asked
  bool asks_readers = true;  // before liburcu; off: liburcu alone, for which all of the process read
};

// `urgent`: at once, whatever was before.
enum class Urgency : std::uint8_t { none, lazy, hurried, urgent };

class RcuDriver {
 public:
  // `also`: grace periods of another flavour that this one's imply, or null. Both outlive the driver.
  RcuDriver(Machine& machine, kernel::RcuFlavor flavor, GracePeriods& own, GracePeriods* also,
            RcuPacing pacing) noexcept;
  // Nothing may be queued any more.
  ~RcuDriver();
  RcuDriver(const RcuDriver&) = delete;
  RcuDriver& operator=(const RcuDriver&) = delete;

  // A head that is queued already is reported and left alone.
  void queue(kernel::RcuHead& head, kernel::RcuHead::Callback callback, Urgency urgency) noexcept;
  // If callbacks wait for a grace period to begin, it begins now; one that is under way waits for no answers any more.
  void hurry_up() noexcept;
  // Returns when all callbacks that were queued before have ended; at once if none is.
  void barrier();
  // Returns after a whole grace period.
  void synchronize();
  // Nothing is queued or running.
  bool idle() const noexcept;
  // Returns when the thread has finished what it has taken. A barrier's return is not the end of that: the thread may
  // be just behind its head.
  void finish_round() const noexcept;
  // How often the thread has taken what was queued.
  std::uint64_t rounds() const noexcept { return static_cast<std::uint64_t>(rounds_.read()); }
  RcuStats stats() const noexcept;

 private:
  void push(kernel::RcuHead& head, Urgency urgency) noexcept;
  void push_and_wait(kernel::RcuHead::Callback kind, const char* waiting_for);
  void start() noexcept;
  void expedite_present() noexcept;

  // The driver's thread.
  void run();
  bool wait_until_due() noexcept;
  std::optional<Parker::Clock::time_point> due(Urgency urgency, Parker::Clock::time_point now) noexcept;
  void serve();
  void grace_period(Haste haste);
  void invoke(kernel::RcuHead& head) noexcept;

  Machine& machine_;
  const kernel::RcuFlavor flavor_;
  GracePeriods& own_;
  GracePeriods* const also_;
  const RcuPacing pacing_;

  alignas(64) std::atomic<std::uintptr_t> queue_{0};  // newest RcuHead | Urgency
  std::atomic<bool> busy_{false};                     // the thread has taken what it has not finished
  std::atomic<bool> started_{false};
  std::atomic<bool> stop_{false};
  Parker parker_;
  Job thread_;

  // Written by the driver's thread alone, read by stats().
  alignas(64) std::optional<Parker::Clock::time_point> last_began_;
  std::optional<Parker::Clock::time_point> lazy_since_;
  kernel::Counter rounds_;
  kernel::Counter invoked_;
  kernel::Counter queued_without_cpu_;  // all other threads; who has a CPU counts there
  kernel::Counter grace_periods_;
  kernel::Counter ns_min_, ns_max_, ns_sum_;
  kernel::Counter histogram_[RcuStats::buckets];
};

}  // namespace rcufarm::native
