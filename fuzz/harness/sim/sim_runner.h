// One simulated run: a scenario under a schedule, and what came of it.
//
// Job: own the machine, the user and the oracles, and run them together. Made once and used for any number of runs, on
// one thread; a run allocates nothing on the heap once the largest scenario was seen, and leaves nothing behind:
// run(scenario, schedule) twice gives equal digests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include "harness/sim/sim_config.h"
#include "harness/sim/sim_finding.h"
#include "harness/sim/statics.h"
#include "machine/engine/events.h"
#include "machine/engine/strategy.h"
#include "machine/machine.h"
#include "oracle/accusation.h"
#include "oracle/user_event.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

struct SimAllocator;  // sim_allocator.h: the adapter

// Sees everything that happens in a run, in order: machine and user. For diagrams and tests. It must not call the
// machine's kernel functions; it may ask the machine for objects.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_event(const sim::Event& event) = 0;
  virtual void on_user(const oracle::UserEvent& event) = 0;
};

// Outcome::limit of a run of user space that did not end, and kept away somebody whom others waited for.
inline constexpr const char* limit_of_fairness = "fairness of the schedule";

struct SimOutcome {
  oracle::Accusation accusation;  // kind none: nothing found. Its strings live until the next run
  sim::Outcome machine;           // end, points, switches, digest, deviations
  std::uint64_t operations = 0;   // that ran
  std::uint64_t skipped = 0;      // that were illegal when their turn came
  std::uint64_t objects = 0;      // handed out
  // Of the machine's switches, those since the last destroy began: as many as a reviewer has to draw.
  std::optional<std::uint64_t> switches_of_destroy;

  // Ended by stall_guard.h.
  bool has_stalled() const;
  // It took so much time that whoever has a limit looks at the clock now.
  bool is_long() const;
  bool found() const { return static_cast<bool>(accusation); }
};

// The code under test worked on memory that the machine does not know: nothing can be said of it. what() says where, and
// what to do.
class UnknownWord : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// run() and replay() throw UnknownWord.
class SimRunner {
 public:
  // The allocator whose adapter it is; it must outlive the runner.
  explicit SimRunner(const SimAllocator& allocator);
  ~SimRunner();
  SimRunner(const SimRunner&) = delete;
  SimRunner& operator=(const SimRunner&) = delete;

  // One run. The strategy must have said yes to begin_run(run_number).
  SimOutcome run(const scenario::Scenario& scenario, const SimConfig& config, sim::Strategy& strategy);
  // The same under a schedule. With a watcher: all events, traced ones too (slower; the same run).
  SimOutcome replay(const scenario::Scenario& scenario, const SimConfig& config, const sim::Schedule& schedule,
                    Watcher* watcher = nullptr);

  // Makes a finding of the outcome of the last run, which must have found something.
  SimFinding finding(const SimOutcome& outcome, const scenario::Scenario& scenario, const SimConfig& config) const;
  // Replays a finding; what a replay gives (parties, digest, …) is filled in anew. Kind none: nothing was found.
  SimFinding replay(const SimFinding& finding, Watcher* watcher = nullptr);

  // As Machine's.
  void set_reads_from_map(std::uint8_t* map, std::size_t size);
  void set_reads_from_set(std::uint64_t* set, std::size_t words, std::uint32_t* met);
  void set_sharing(sim::Sharing* sharing);
  // Sets a byte chosen by the allocator's state (SimAllocator::state) after each of the user's calls. `size` is a power of
  // two. Null: off.
  void set_state_map(std::uint8_t* map, std::size_t size);
  const SimAllocator& allocator() const;
  // During and after a run: objects, sites.
  const sim::Machine& machine() const;
  // After a run: allocator calls that the task had begun before each operation that it came to, and at its end.
  const std::vector<std::uint32_t>& calls_before(unsigned task) const;
  // After a run: what it has left in globals and statics of the code under test.
  StaticsImage statics_left() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rcufarm::harness
