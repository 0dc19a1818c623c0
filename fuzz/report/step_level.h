// How much a kind of step matters to a kind of finding, whatever stands around it.
//
// Job: the level of a step by itself: what a user did, an access to the accused object, an event of the machine. Pure.
#pragma once

#include <cstdint>

#include "harness/sim/sim_finding.h"
#include "report/names.h"
#include "report/relevance.h"
#include "report/step.h"

namespace rcufarm::report {

class StepLevels {
 public:
  StepLevels(const Recording& recording, const harness::SimFinding& finding, const Namer& namer);

  Level of(const Step& s) const;

 private:
  Level user_level(const oracle::UserEvent& u) const;
  Level object_level(const Step& s) const;
  Level event_level(const sim::Event& e) const;
  bool is_of_accused(Target target) const;
  bool is_accused(std::uint32_t object) const;
  bool is_other_allocator(unsigned number) const;

  const Recording& recording_;
  const harness::SimFinding& finding_;
  const Namer& namer_;
  const std::uint32_t object_;  // the accused one; 0: none, or the caches themselves
};

bool about_locks(oracle::Kind kind);

}  // namespace rcufarm::report
