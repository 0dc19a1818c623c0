// Oracle: a quiet user's deferred objects come back, balanced use takes no more and more memory, and where much is deferred at once
// the grace period is asked to hurry.
//
// Job: look at the rounds of a user who allocates and frees a little everywhere and lets grace periods pass (the program is
// fuzz/harness/sim/settle.h). A run owns it. The number of pending objects is a value that an adapter may give; how much
// memory is out, the books know.
#pragma once

#include <cstdint>

#include "oracle/object_books.h"
#include "oracle/user_event.h"
#include "oracle/verdict.h"

namespace rcufarm::oracle {

// Rounds in a row that each end with more objects out than the one before. Free lists may be refilled at any time, each
// by some objects, and a schedule may have staggered them such that one is in every round. But a round takes an object off
// each list, so a list is refilled once in as many rounds as a refill brings objects, and over so many rounds the sum is what
// it was. More than a refill brings, therefore, of any allocator whose refills bring no more than this.
inline constexpr unsigned growing_rounds_max = 100;
// Objects that go one way in all, at most. An allocator may keep as many on the CPU where they are freed as it likes, but
// not a good part of each further one: see is_steady().
inline constexpr std::uint64_t flow_objects_max = 512;

// Of `passed` objects, twice as many as the last time: did so few of the second half stay that it will not go on like this?
constexpr bool is_steady(std::uint64_t passed, std::uint64_t live_before, std::uint64_t live_now) {
  return live_now < live_before + passed / 4;
}

class Settling {
 public:
  Settling(const ObjectBooks& books, Verdict& verdict) : books_(books), verdict_(verdict) {}

  // Where memory is short, others may take what comes back.
  void on_alloc_failed() {
    growing_ = 0;
    failed_ = true;
  }
  void on_flow(const UserEvent& u);
  void on_round(const UserEvent& u);
  void on_settled(const UserEvent& u);
  // Of a user who frees more and more while a reader holds the grace period up: was it asked to hurry?
  void on_pile_begins() { hurried_ = false; }
  void on_urgent_qs() { hurried_ = true; }
  void on_piled(const UserEvent& u);
  void reset() {
    growing_ = 0;
    last_ = live_before_ = 0;
    failed_ = hurried_ = false;
  }

 private:
  const ObjectBooks& books_;
  Verdict& verdict_;
  unsigned growing_ = 0;
  std::uint64_t last_ = 0;
  std::uint64_t live_before_ = 0;  // at the last look at a flow
  bool failed_ = false;
  bool hurried_ = false;  // since pile_begins
};

}  // namespace rcufarm::oracle
