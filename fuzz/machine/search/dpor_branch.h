// Branches: what is still to be explored from a state, and what was.
//
// Job: the nodes and their memory. A branch is a step, and behind it those that lead to the reversal of a race. One search owns a
// pool; nodes go from a state's list to the next state as the search goes down, and back to the pool when they are explored.
#pragma once

#include <deque>

#include "machine/search/kept_step.h"

namespace rcufarm::sim {

struct DporBranch {
  KeptStep step;
  DporBranch* behind = nullptr;  // the step after it; null: whatever there is
  DporBranch* beside = nullptr;  // the state's next branch
};

class DporBranches {
 public:
  DporBranch* make(const KeptStep& step) {
    if (free_ == nullptr) {
      all_.emplace_back();
      free_ = &all_.back();
    }
    DporBranch* const branch = free_;
    free_ = branch->beside;
    branch->step = step;
    branch->behind = branch->beside = nullptr;
    return branch;
  }
  // The step alone. What is behind it.
  DporBranch* drop_first(DporBranch* branch) {
    DporBranch* const behind = branch->behind;
    branch->beside = free_;
    free_ = branch;
    return behind;
  }
  void drop(DporBranch* branch) {
    while (branch != nullptr) branch = drop_first(branch);
  }

 private:
  std::deque<DporBranch> all_;
  DporBranch* free_ = nullptr;
};

}  // namespace rcufarm::sim
