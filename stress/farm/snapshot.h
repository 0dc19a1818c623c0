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
  std::string name;
  std::string state;  // "running", "backoff", "parked", "stopped"
  unsigned share = 0;
  double seconds = 0;  // of slots' time that it had
  std::uint64_t stints = 0;
  std::uint64_t executions = 0;
  double rate = 0;  // executions per second that it ran
  unsigned failures = 0;
};

struct Curve {
  std::string name;
  std::vector<Sample> samples;
};

struct Snapshot {
  std::string node;
  std::string revision;
  std::string state_folder;
  std::chrono::system_clock::time_point at;
  double uptime_seconds = 0;
  bool stopping = false;
  std::string store_trouble;
  std::vector<SlotView> slots;
  std::vector<LaneView> lanes;
  std::vector<Check> checks;
  std::vector<Finding> findings;
  std::vector<Curve> coverage;
  std::map<std::string, CorpusSize> corpora;
  std::uint64_t waiting = 0;  // sightings that are not examined yet
  std::uint64_t canary_found = 0;
  std::uint64_t canary_missed = 0;
  double canary_ago_seconds = -1;  // < 0: never
  bool blind = false;
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
