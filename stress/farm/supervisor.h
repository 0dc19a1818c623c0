// The supervisor: the farm's loop.
//
// Job: fill the slots by share, take in what workers bring, keep the books of failures, publish what goes on. Owns slots and
// rotation; borrows clerk, metrics and board. It never waits for the store. One thread: the one that calls run(). Every process that it starts is gone when
// it returns.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "stress/farm/changes.h"
#include "stress/farm/examiner.h"
#include "stress/farm/intake.h"
#include "stress/farm/restart.h"
#include "stress/farm/rotation.h"
#include "stress/farm/slot.h"
#include "stress/farm/snapshot.h"
#include "stress/farm/upkeep.h"

namespace rcufarm::stress {

struct FarmPlace {
  std::filesystem::path state;
  std::string node;
  std::string revision;
  pid_t builder = 0;  // a process that is still building programs; 0: none
};

// What the supervisor asks and tells while it runs.
struct FarmHooks {
  std::function<bool()> stop_asked;
  std::function<std::optional<Config>()> new_config;
  std::function<void(const Snapshot&)> published = [](const Snapshot&) {};  // once a second
};

class Supervisor {
 public:
  using Clock = std::chrono::steady_clock;

  Supervisor(const FarmPlace& place, const Config& config, Clerk& clerk, CorpusShare& corpora, Metrics& metrics,
             SnapshotBoard& board);

  // Until it is asked to stop, or so long (0: no limit).
  void run(const FarmHooks& hooks, std::chrono::seconds duration);

 private:
  struct LaneBooks {
    Restart restart;
    bool available = false;  // preflight
    bool being_built = false;
    std::uint64_t stints = 0;
    std::uint64_t executions = 0;
    std::uint64_t schedules = 0;
    std::uint64_t restarts = 0;
    std::uint64_t resident_bytes_max = 0;
  };
  LaneBooks& books(Lane lane) { return books_[static_cast<unsigned>(lane)]; }

  void recover();
  void run_again(const Stint& stint);
  void poll_slots();
  void take_harvest(const Stint& stint, const Harvest& harvest);
  void take_result(StintResult result);
  void judge(const StintResult& result);
  void fill_slots();
  std::unique_ptr<Chore> next_chore();
  std::optional<Stint> next_stint();
  Stint new_stint(Lane lane);
  void look_for_part();
  void ask_for_part();
  std::string next_detail(Lane lane);
  bool is_at_work(Lane lane, const std::optional<std::string>& detail) const;
  std::string free_afl_instance(Lane lane) const;
  bool may_run(Lane lane);
  void look_at_processes();
  void run_preflight();
  std::string why_nothing_starts() const;
  void every_second(const FarmHooks& hooks);
  void every_minute();
  void stop_all();
  void publish(const FarmHooks& hooks, bool stopping);
  void take_view();
  std::vector<LaneView> lane_views();
  void add_canary(Snapshot& snapshot) const;
  void read_defects();

  const FarmPlace place_;
  Config config_;
  Clerk& clerk_;
  Metrics& metrics_;
  SnapshotBoard& board_;
  Builds builds_;
  Intake intake_;
  Examiner examiner_;
  Upkeep upkeep_;
  Changes changes_;
  Rotation rotation_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::array<LaneBooks, lane_count> books_;
  std::optional<ClaimedPart> part_;  // of a proof, for the next stint that proves
  Clock::time_point part_came_{};
  Clock::time_point next_part_{};  // when one is asked for again
  std::size_t parts_asked_ = 0;
  std::deque<Stint> again_;  // explorers' that a kill interrupted
  std::set<std::string> ran_again_;
  std::vector<Check> checks_;
  std::string journal_trouble_;  // of the newest preflight; "": it takes what it is given
  bool disk_refused_ = false;    // since the last time that it took what it was given
  std::mt19937_64 random_;
  std::map<Lane, std::size_t> details_;  // which strategy, canary or regression was last
  const Clock::time_point began_ = Clock::now();
  Clock::time_point next_second_ = Clock::now();
  Clock::time_point next_minute_ = Clock::now();
  Clock::time_point last_minute_ = Clock::now();
  std::uint64_t executions_then_ = 0;  // at that minute
  Clock::time_point next_preflight_{};
  Clock::time_point next_chore_{};
  Clock::time_point next_canary_{};
  std::shared_ptr<const StoreView> view_;  // of the store, that was taken in last
  std::vector<DefectView> defects_;
};

unsigned slots_of(const Config& config);

}  // namespace rcufarm::stress
