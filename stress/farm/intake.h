// From what workers met to the store.
//
// Job: name and count what a stint caught and put it into the journal, and keep it in memory and in the stint's folder while the
// journal cannot take it. Owner: the supervisor; one thread.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "stress/farm/clerk.h"
#include "stress/farm/programs.h"
#include "stress/farm/slot.h"
#include "stress/metrics/metrics.h"
#include "stress/store/store.h"

namespace rcufarm::stress {

// The store's counter of searches for a planted mistake; what: "found", "missed" or "milliseconds" (of those that found it).
CounterKey defect_counter(const std::string& program, const char* what);

class Intake {
 public:
  Intake(Clerk& clerk, Metrics& metrics, Builds& builds, std::filesystem::path state)
      : clerk_(clerk), metrics_(metrics), builds_(builds), state_(std::move(state)) {}

  // Takes in what an ended stint caught, and its inputs that are to be run again; then its folder goes. If the journal fails, both
  // wait, and retry() tries again.
  void take(StintResult result, const Config& config);
  void retry(const Config& config);

  // Metrics of findings follow the store's counters.
  void sync_counters();

  // "": the journal takes everything.
  const std::string& trouble() const { return trouble_; }
  std::size_t waiting() const { return waiting_.size(); }
  // Whether this run met something wrong, new or known.
  bool found() const { return found_; }

 private:
  std::vector<Entry> entries_of(const StintResult& result, const Config& config) const;
  SightingEntry entry_of(const StintResult& result, const Catch& caught, const Config& config) const;
  void count(const StintResult& result, const std::vector<Entry>& entries);

  Clerk& clerk_;
  Metrics& metrics_;
  Builds& builds_;
  const std::filesystem::path state_;
  std::deque<StintResult> waiting_;
  std::map<CounterKey, std::uint64_t> counted_;
  std::set<std::string> met_;    // events of this run
  std::set<std::string> known_;  // signatures of this run whose bytes are in the journal or in the store
  bool found_ = false;
  std::string trouble_;
};

}  // namespace rcufarm::stress
