// From what workers met to the store.
//
// Job: name, keep and count what a stint caught, and keep it in memory and on disk while the store cannot take it. Owner: the
// supervisor; one thread.
#pragma once

#include <deque>
#include <string>

#include "stress/farm/programs.h"
#include "stress/farm/slot.h"
#include "stress/metrics/metrics.h"
#include "stress/store/store.h"

namespace rcufarm::stress {

// The store's counter of searches for a planted mistake; what: "found", "missed" or "milliseconds" (of those that found it).
CounterKey defect_counter(const std::string& program, const char* what);

class Intake {
 public:
  Intake(Store& store, Metrics& metrics, Builds& builds, std::filesystem::path state)
      : store_(store), metrics_(metrics), builds_(builds), state_(std::move(state)) {}

  // Takes in what an ended stint caught, and its inputs that are to be run again; then its folder goes. If the store fails, both
  // wait, and retry() tries again.
  void take(StintResult result, const Config& config);
  void retry(const Config& config);

  // Metrics of findings follow the store's counters.
  void sync_counters();

  // "": the store takes everything.
  const std::string& trouble() const { return trouble_; }
  std::size_t waiting() const { return waiting_.size(); }
  // Whether this run met something wrong, new or known.
  bool found() const { return found_; }

 private:
  void store(const StintResult& result, const Config& config);
  void store_catch(const StintResult& result, const Catch& caught, const Config& config);
  void count_canary(const StintResult& result);

  Store& store_;
  Metrics& metrics_;
  Builds& builds_;
  const std::filesystem::path state_;
  std::deque<StintResult> waiting_;
  std::map<CounterKey, std::uint64_t> counted_;
  bool found_ = false;
  std::string trouble_;
};

}  // namespace rcufarm::stress
