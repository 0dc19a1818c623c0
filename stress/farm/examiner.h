// The examiner: which sighting or finding is looked at next, and what becomes of it.
//
// Job: take what the clerk has claimed, make the chore, write what came of it. One examination at a time. Owner: the supervisor; one thread.
#pragma once

#include <memory>
#include <string>

#include "stress/farm/clerk.h"
#include "stress/farm/examination.h"
#include "stress/farm/programs.h"

namespace rcufarm::stress {

class Examiner {
 public:
  Examiner(Clerk& clerk, Builds& builds, std::filesystem::path folder)
      : clerk_(clerk), builds_(builds), folder_(std::move(folder)) {}
  Examiner(const Examiner&) = delete;
  Examiner& operator=(const Examiner&) = delete;

  // The next examination, or nothing: one is under way, or nothing waits.
  std::unique_ptr<Chore> next(const Config& config);
  // Whether a replay in this run showed something.
  bool found() const { return found_; }

 private:
  class Job;
  std::unique_ptr<Chore> chore_of(const ClaimedWork& work, const Config& config);
  void settle(const Sighting& sighting, const Examined& examined);
  void settle_recheck(const std::string& finding, const std::string& build, const Examined& examined);

  Clerk& clerk_;
  Builds& builds_;
  const std::filesystem::path folder_;
  bool busy_ = false;
  bool found_ = false;
};

}  // namespace rcufarm::stress
