// The grace periods of one flavour, whoever drives them: one at a time.
//
// Job: wait until all read sections that began before have ended. Whoever queues a callback asks all readers a question (a
// number), and readers answer it where they are outside of sections (rcu_readers.cpp), which costs them a load. By the time
// that the callback is due, all have answered as a rule, and no interrupt of another core was needed. Whoever is silent is left
// to liburcu, which alone can tell what a silent thread does. Owned by a Machine. begin() and finish(): a driver's thread;
// ask() and expedite(): any context but nmi.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "kernel/types.h"
#include "native/parker.h"
#include "native/port/counter.h"
#include "native/rcu_readers.h"
#include "native/tsan.h"

namespace rcufarm::native {

class Machine;

// `unhurried`: readers get time to answer.
enum class Haste : std::uint8_t { unhurried, urgent };

class GracePeriods {
 public:
  // `patience`: about how long silent readers are waited for before the library is asked; too short for a sleep: not at all.
  // Without `asks_readers` the library decides alone.
  GracePeriods(const Machine& machine, kernel::RcuFlavor flavor, std::chrono::microseconds patience,
               bool asks_readers) noexcept
      : machine_(machine), flavor_(flavor), patience_(patience), asks_readers_(asks_readers) {}

  // Who answers after this sees in its later sections all that was before.
  void ask() noexcept;

  // The grace period began when the newest question was asked. Until finish() nobody else's is waited for.
  void begin();
  // Returns when all sections of this flavour that began before have ended.
  void finish(Haste haste);
  // The one under way waits for answers no longer.
  void expedite() noexcept;

  // The newest question, for readers.
  const std::atomic<std::uint64_t>& question() const noexcept { return question_; }
  tsan::GracePeriodEdges& edges() noexcept { return edges_; }
  // How many needed no call of the library.
  std::uint64_t answered() const noexcept { return static_cast<std::uint64_t>(answered_.read()); }

 private:
  Silent silent() const noexcept;
  bool all_answer(Haste haste) noexcept;
  bool all_answer_in_time() noexcept;
  bool all_answer_at_once() noexcept;
  bool sleep_unless_expedited(std::chrono::microseconds time) noexcept;

  const Machine& machine_;
  const kernel::RcuFlavor flavor_;
  const std::chrono::microseconds patience_;
  const bool asks_readers_;

  // Read by every section's end, written for each callback.
  alignas(64) std::atomic<std::uint64_t> question_{0};

  alignas(64) std::mutex one_at_a_time_;
  std::uint64_t wanted_ = 0;  // the question that has to be answered; under the mutex
  std::atomic<bool> expedited_{false};
  Parker parker_;  // of who waits for answers
  kernel::Counter answered_;
  tsan::GracePeriodEdges edges_;
};

}  // namespace rcufarm::native
