// Changes to an allocator that people and branches bring: taken in, looked at, answered.
//
// Job: patches in the drop folder go into the journal; a claimed patch or commit becomes a chore (stress/change/change.py), and what that says goes
// into the journal; watched branches are asked for new commits. One change at a time. Owner: the supervisor; one thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "stress/config/config.h"
#include "stress/farm/chore.h"
#include "stress/farm/clerk.h"

namespace rcufarm::stress {

class Changes {
 public:
  using Clock = std::chrono::steady_clock;

  Changes(Clerk& clerk, std::filesystem::path state) : clerk_(clerk), state_(std::move(state)) {}
  Changes(const Changes&) = delete;
  Changes& operator=(const Changes&) = delete;

  // The next one, or nothing: one is under way, nothing waits, or this farm cannot build. Throws StoreError if the journal takes nothing.
  std::unique_ptr<Chore> next(const Config& config);
  // Of each watch, why it cannot be looked at.
  const std::map<std::string, std::string>& watch_troubles() const { return troubles_; }
  // Why this farm takes no changes; "": it does.
  static std::string cannot_build(const Config& config);

 private:
  class Job;
  void take_from_folders(const Config& config);
  void take_from_folder(const std::filesystem::path& folder, const std::string& target);
  void ended(const Change& change, const std::string& result, const std::string& trouble);
  void end(const Change& change, const std::string& state, const std::string& told);
  void looked(const WatchConfig& watch, std::int64_t place, const std::string& result);

  Clerk& clerk_;
  const std::filesystem::path state_;
  bool busy_ = false;
  Clock::time_point next_folder_{};
  Clock::time_point next_ask_{};
  std::map<std::string, Clock::time_point> next_look_;
  std::set<std::string> looks_at_;  // watches that this farm looks at for all
  std::map<std::string, std::string> troubles_;
};

}  // namespace rcufarm::stress
