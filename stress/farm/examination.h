// An examination: what a worker met is replayed, made small, named and drawn.
//
// Job: a chore that turns a sighting into a finding, or checks a finding that is stored on the build of today. It runs
// programs and reads their words; what it learned is fetched when it is finished.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "stress/config/config.h"
#include "stress/farm/chore.h"
#include "stress/store/entry.h"
#include "stress/worker/lane.h"

namespace rcufarm::stress {

struct Examined {
  Finding finding;  // without the hashes of its evidence
  Evidence evidence;
  std::uint64_t tries = 0;  // runs of the input
  std::uint64_t hits = 0;   // of them, that showed it
  // Of a simulated one: did each replay show it? If not, the simulator is not deterministic, and that is a finding too.
  bool accuse_ourselves = false;
};

class Examination : public Chore {
 public:
  virtual Examined result() const = 0;
};

// `input` and `report` are bytes, none: not known; `folder` is its own and there.
struct Exhibit {
  Lane lane = Lane::explore;
  std::string kind;
  std::string signature;  // "": only a replay can tell
  std::optional<std::string> input;
  std::string report;
  std::filesystem::path folder;
};

std::unique_ptr<Examination> examine(const Exhibit& exhibit, const Config& config);
std::unique_ptr<Examination> examine_simulated(const Exhibit& exhibit, const Config& config);
std::unique_ptr<Examination> examine_native(const Exhibit& exhibit, const Config& config);

}  // namespace rcufarm::stress
