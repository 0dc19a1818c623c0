// The examiner: which sighting or finding is looked at next, and what becomes of it.
//
// Job: claim, make the chore, settle in the store. One examination at a time. Owner: the supervisor; one thread.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "stress/farm/examination.h"
#include "stress/farm/programs.h"

namespace rcufarm::stress {

class Examiner {
 public:
  // `owner` is this node: one farm at a time works for it, and its claims end with it.
  Examiner(Store& store, Builds& builds, std::filesystem::path folder, std::string owner);
  ~Examiner();
  Examiner(const Examiner&) = delete;
  Examiner& operator=(const Examiner&) = delete;

  // The next examination, or nothing: one is under way, or nothing waits. Throws StoreError.
  std::unique_ptr<Chore> next(const Config& config);
  // Whether a replay in this run showed something.
  bool found() const { return found_; }

 private:
  class Job;
  std::unique_ptr<Chore> next_sighting(const Config& config);
  std::unique_ptr<Chore> next_recheck(const Config& config);
  Exhibit exhibit(Lane lane, const std::string& kind, const std::string& signature, const std::string& input,
                  const std::string& report) const;
  void settle(const Sighting& sighting, const Examined& examined, const std::string& build);
  void settle_recheck(const Finding& finding, const Examined& examined, const std::string& build);

  Store& store_;
  Builds& builds_;
  const std::filesystem::path folder_;
  const std::string owner_;
  bool busy_ = false;
  bool found_ = false;
  std::set<std::string> checked_;  // finding and build, in this run
};

}  // namespace rcufarm::stress
