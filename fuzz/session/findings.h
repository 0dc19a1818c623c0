// The book of findings of one session: failures with the same signature are one finding.
//
// Job: replay what has no report yet, name it, count it. Owner: the session; one thread.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "session/engine.h"
#include "session/figures.h"

namespace rcufarm::session {

class FindingBook {
 public:
  // Failures that come after so much replaying are counted, not named.
  static constexpr std::chrono::seconds replay_time_max{120};

  explicit FindingBook(std::chrono::seconds input_time_max) : input_time_max_(input_time_max) {}

  void add(const EngineSpec& spec, const Failure& failure, bool may_replay);

  // In the order in which they were found first.
  const std::vector<Finding>& findings() const { return findings_; }

 private:
  std::string signature_by_replay(const EngineSpec& spec, const Failure& failure);

  std::chrono::seconds input_time_max_;
  std::chrono::steady_clock::duration replayed_{};
  std::vector<Finding> findings_;
};

}  // namespace rcufarm::session
