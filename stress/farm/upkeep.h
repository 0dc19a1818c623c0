// What the farm does on a schedule: merge and bound the corpora, count them, write samples, drop what is old.
//
// Job: when each is due, and what it gives. A merge is a chore for a slot. Owner: the supervisor; one thread.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "stress/farm/chore.h"
#include "stress/farm/clerk.h"
#include "stress/metrics/metrics.h"
#include "stress/worker/corpus.h"
#include "stress/worker/work.h"

namespace rcufarm::stress {

class Upkeep {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Upkeep(Clerk& clerk, CorpusShare& corpora, Metrics& metrics, std::filesystem::path state, Time now);

  // Levels go on from where an earlier run was, as its notes tell: a restart finds nothing new.
  void go_on(const std::map<std::string, std::string>& notes);

  // A merge that is due and can run, or nothing.
  std::unique_ptr<Chore> due(const Config& config, Time now);
  // About once a minute: corpora are bounded and counted, levels become samples.
  // `levels`: of the farm, beside those that are known here.
  void minute(const Config& config, std::map<std::string, double> levels);

  // What a stint reported; new coverage is dated.
  void coverage(Lane lane, const Harvest& harvest);

  const std::map<std::string, CorpusSize>& corpora() const { return corpora_; }
  std::uint64_t edges(Lane lane) const;
  std::uint64_t edges_all(Lane lane) const;
  std::uint64_t reads_from_pairs() const { return reads_from_pairs_; }

 private:
  void grew(const char* signal);

  Clerk& clerk_;
  CorpusShare& share_;
  Metrics& metrics_;
  const std::filesystem::path state_;
  std::map<Lane, Time> next_merge_;
  std::map<std::string, CorpusSize> corpora_;
  std::map<Lane, std::uint64_t> edges_;
  std::map<Lane, std::uint64_t> edges_all_;  // tell builds apart
  std::uint64_t reads_from_pairs_ = 0;
};

}  // namespace rcufarm::stress
