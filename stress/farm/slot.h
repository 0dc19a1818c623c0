// A slot: one worker at a time, from its start to its end.
//
// Job: own the worker's process with all its children: limits, deadline, memory, the end. Owner: the supervisor; one thread;
// it waits only while it collects the stacks of a hanging worker.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "session/child.h"
#include "stress/farm/chore.h"
#include "stress/metrics/allocator_meter.h"
#include "stress/worker/cpu_wait.h"
#include "stress/worker/process_table.h"
#include "stress/worker/work.h"

namespace rcufarm::stress {

struct StintResult {
  Stint stint;
  Ended ended = Ended::fine;
  bool stopped = false;  // it was asked to stop before its time
  double seconds = 0;
  Harvest harvest;
  std::vector<std::string> inputs_left;  // to be run again
};

class Slot {
 public:
  using Clock = std::chrono::steady_clock;

  Slot(unsigned number, std::filesystem::path state) : number_(number), state_(std::move(state)) {}

  unsigned number() const { return number_; }
  bool is_free() const { return !work_ && !chore_; }
  const Stint* stint() const { return work_ ? &stint_ : nullptr; }
  const Chore* chore() const { return chore_.get(); }
  std::string doing() const;
  double seconds() const;
  pid_t pid() const { return child_ ? child_->pid() : -1; }
  std::uint64_t resident_bytes() const { return resident_bytes_; }

  // Both: the slot is free before; whatever goes wrong is told by the next poll.
  void start(const Stint& stint, const Config& config);
  void start(std::unique_ptr<Chore> chore, const Config& config);

  // Takes in what came; the result once a stint has ended. `harvest`: what a stint that goes on brought since the last time.
  std::optional<StintResult> poll(Harvest& harvest, Metrics& metrics);
  // About once a second: memory, and time without a CPU, which counts against no deadline.
  void look_at(const ProcessTable& table);

  void ask_to_stop();
  void kill();

 private:
  session::Command with_limits(session::Command command, std::chrono::seconds duration, bool large_files) const;
  void launch(session::Command command, std::chrono::seconds duration);
  void poll_chore();
  void begin_chore_command();
  StintResult finish(int status);
  void end_hanging();
  bool is_late() const { return Clock::now() >= deadline_ + cpu_wait_.total(); }

  const unsigned number_;
  const std::filesystem::path state_;
  Config config_;
  Stint stint_;
  std::unique_ptr<Work> work_;
  std::unique_ptr<Chore> chore_;
  std::optional<session::Child> child_;
  std::optional<AllocatorMeter> meter_;
  std::string output_;       // of a chore's command
  std::string start_error_;  // "": it started
  Clock::time_point began_{};
  Clock::time_point deadline_{};
  CpuWait cpu_wait_{Clock::now()};  // of the present command
  Clock::time_point next_tick_{};
  std::uint64_t resident_bytes_ = 0;
  bool stopping_ = false;
  std::optional<Ended> killed_for_;
  std::string stacks_;
};

// The stint's folder and its description in it, so that it can be found after a kill. Throws StoreError.
std::filesystem::path stint_folder(const std::filesystem::path& state, const Stint& stint);
void save_stint(const std::filesystem::path& state, const Stint& stint);
// Stints that were at work when an earlier farm was killed.
std::vector<Stint> saved_stints(const std::filesystem::path& state);

}  // namespace rcufarm::stress
