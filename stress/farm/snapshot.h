// The farm at one moment, as the status page shows it.
//
// Job: plain values that the supervisor publishes once a second and that the HTTP threads read. Never changed once published.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "stress/farm/programs.h"
#include "stress/store/store.h"
#include "stress/worker/corpus.h"

namespace rcufarm::stress {

struct SlotView {
  unsigned number = 0;
  std::string doing;  // "": free
  double seconds = 0;
  std::uint64_t resident_bytes = 0;
};

struct LaneView {
  std::string name = {};
  std::string target = {};  // what it tries (target_of)
  std::string state = {};   // "running", "backoff", "parked", "stopped"
  bool can_run = true;      // what it needs is there
  bool being_built = false;
  unsigned share = 0;
  double seconds = 0;  // of slots' time that it had
  std::uint64_t stints = 0;
  std::uint64_t executions = 0;
  double rate = 0;              // executions per second that it ran
  std::uint64_t schedules = 0;  // of the explorer
  std::uint64_t edges = 0;      // covered; 0: not told
  std::uint64_t edges_all = 0;
  std::uint64_t restarts = 0;  // ended before their time
  std::uint64_t resident_bytes_max = 0;
};

// A planted mistake, and how the searches for it went.
struct DefectView {
  std::string name = {};  // of its program
  std::uint64_t found = 0;
  std::uint64_t missed = 0;
  double seconds_mean = 0;  // until it was found
  Milliseconds last = 0;    // found; 0: never
};

struct Snapshot {
  std::string node;
  std::string revision;
  std::string state_folder;
  std::chrono::system_clock::time_point at;
  double uptime_seconds = 0;
  bool stopping = false;
  std::string journal_trouble;  // findings cannot even be kept here: nothing is started
  std::string store_trouble;    // they wait in the journal
  std::uint64_t owed = 0;       // entries of the journal
  std::uint64_t refused = 0;    // that the store will not take
  bool leads = false;           // shows what is of all farms
  std::vector<FarmSeen> farms;  // on this store
  std::string cannot_run;       // why no worker can be started; "": they can
  std::vector<SlotView> slots;
  std::vector<LaneView> lanes;
  std::vector<Check> checks;
  std::vector<Finding> findings;  // the last seen
  std::uint64_t findings_all = 0;
  std::vector<Change> changes;  // patches and commits, the newest
  std::vector<ChangeCount> change_counts;
  std::vector<Proof> proofs;
  std::map<std::string, std::string> watch_troubles;
  std::string takes_no_changes;  // why this farm leaves them to others; "": it takes them
  std::vector<Curve> coverage;
  std::map<std::string, CorpusSize> corpora;
  std::uint64_t waiting = 0;  // sightings that are not examined yet
  std::uint64_t canary_found = 0;
  std::uint64_t canary_missed = 0;
  double canary_ago_seconds = -1;  // < 0: never
  bool blind = false;
  std::vector<DefectView> defects;
  std::uint64_t reads_from_pairs = 0;
  bool found = false;      // this run met something wrong
  double cpu_seconds = 0;  // of the supervisor
  std::uint64_t resident_bytes_max = 0;
  std::string config;  // TOML
};

// The newest snapshot. Any thread.
class SnapshotBoard {
 public:
  void publish(std::shared_ptr<const Snapshot> snapshot) {
    const std::lock_guard lock(mutex_);
    newest_ = std::move(snapshot);
  }
  std::shared_ptr<const Snapshot> newest() const {
    const std::lock_guard lock(mutex_);
    return newest_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> newest_ = std::make_shared<const Snapshot>();
};

}  // namespace rcufarm::stress
