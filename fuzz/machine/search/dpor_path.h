// The path of a search by dpor: the execution that it is in, and what is to be explored from each of its states.
//
// Job: happens-before of the execution's steps, its races, and the branches that reverse them. strategy_dpor.h has the
// algorithm, and what counts as a race; strategy_dpor.cpp walks along the path. Position n is the state after n steps, and the
// step that was taken there.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/engine/context_set.h"
#include "machine/search/dpor_branch.h"

namespace rcufarm::sim {

struct DporPoint {
  // The state.
  ContextSet candidates;                  // who could go on; where nobody was asked, who did
  std::vector<const DporBranch*> asleep;  // explored from states before, and nothing since conflicted with them
  std::vector<DporBranch*> done;          // explored from here
  DporBranch* unexplored = nullptr;       // to be explored from here
  // The step.
  bool taken = false;  // false: the run ended before it
  KeptStep step;
  Answers options;  // how many there were at each of its choices
};

class DporPath {
 public:
  DporPath();

  std::size_t size() const { return size_; }
  DporPoint& operator[](std::size_t position) { return points_[position]; }
  const DporPoint& operator[](std::size_t position) const { return points_[position]; }
  // One state more, with nothing known of it but who sleeps: those that the step before did not wake.
  DporPoint& add();
  // The last state is over: everything that begins there was explored.
  void drop_last();
  // The last step will be another one.
  void retake_last();
  // Who sleeps in the state, once what was explored before it is known.
  void renew_sleepers(std::size_t position);
  void append(DporPoint& state, DporBranch* branch);
  // The state's next step is the first one of its next branch. What is behind that.
  DporBranch* take_branch(DporPoint& point);

  // The run along the path is over: branches for the reversal of its races. `is_cut`: its last step has kept the others from
  // going on.
  void reverse_races(bool is_cut);

  DporBranches branches;

 private:
  using Clock = std::uint32_t*;
  // Of a position, what nearly all comparisons need.
  struct Line {
    StepMask mask;
    std::uint32_t before = 0;  // behind its context's step before
    std::uint8_t lane = 0;
  };

  Clock clock(std::size_t position) { return clocks_.data() + position * context_count; }
  bool is_before(std::size_t earlier, std::size_t later) {
    return clock(later)[lane_of_[index_of(points_[earlier].step.context)]] > earlier;
  }
  unsigned lane(ContextId context);
  void forget_step(std::size_t position);
  void order(std::size_t position);
  bool has_to_wait_for(std::size_t earlier, std::size_t later) const;
  bool has_quiesced(std::size_t position) const;
  bool is_feasible(std::size_t earlier, std::size_t later);
  void reverse(std::size_t earlier, std::size_t later);
  void add_branch(DporPoint& state, const KeptStep& last);
  void reverse_options(std::size_t position);
  void reverse_cut();
  // Is the step among what was explored at the state, or is to be?
  static bool is_known(const DporPoint& state, const KeptStep& step);

  std::vector<DporPoint> points_;
  std::size_t size_ = 0;
  std::size_t ordered_ = 0;  // positions whose clocks and races are known
  std::vector<std::uint32_t> clocks_;
  std::vector<Line> lines_;
  std::vector<std::uint8_t> lane_of_;  // by context; 0xff: none yet
  unsigned lanes_ = 0;
  std::vector<std::uint32_t> newest_;  // by lane: behind its newest step
  // Of the step that is looked at, by lane: what needs no looking at, and what is to be looked at next.
  std::vector<std::uint32_t> covered_;
  std::vector<std::uint32_t> next_;
  std::vector<std::size_t> races_;   // of the step that is being looked at: the earlier ones
  std::vector<std::size_t> needed_;  // of the reversal that is
};

}  // namespace rcufarm::sim
