// The frontier of a search by dpor: all that is still to be explored, as a value that can be stored, handed out and merged.
//
// Job: a tree of the states at which something is known, from the beginning of the program. At each node what was explored there,
// in order, and what is to be. Who claims a node explores what is open there and below it, and gives back what is left, and what races
// below it have for states above it. Steps are told by their context and options alone: what they touch is learned again by
// running them, so a frontier has no address in it and holds in any process that runs the same program.
// Because what was explored before, or was claimed before, sleeps in what is explored after, no class of executions is run twice
// whoever explores it. A claim that nobody came back from expires; what its owner brings later is refused. Owned by one caller at a
// time (harness/sim/frontier_file.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "machine/search/kept_step.h"

namespace rcufarm::sim {

struct StepName {
  ContextId context = idle_context;
  Answers answers;

  bool operator==(const StepName& other) const {
    return context == other.context && answers.count() == other.answers.count() && answers.agree(other.answers);
  }
  // Could it be the other one, as far as both are told?
  bool may_be(const StepName& other) const { return context == other.context && answers.agree(other.answers); }
};
// A branch: its steps; behind them, whatever there is.
using StepNames = std::vector<StepName>;

struct FrontierState {
  StepNames done;               // explored from there, in this order
  std::vector<StepNames> open;  // to be explored from there
};

// What a search is asked for: to explore what is open at the last of the states.
struct DporTask {
  StepNames path;  // from the beginning of the program to that state
  std::vector<FrontierState>
      states;  // path.size() + 1. Before the last: `done` came before the path's step; `open` is known
};

// What a search leaves.
struct DporRest {
  std::vector<std::pair<std::size_t, StepNames>> earlier;  // branches for states before the task's, by position
  StepNames path;                                          // from the task's state on
  std::vector<FrontierState> states;  // path.size() + 1; of each `done`, the last is the path's step
};

class Frontier {
 public:
  struct Node {
    std::uint64_t parent = 0;
    StepNames steps;  // from there; none at the root
    FrontierState state;
    std::uint64_t claim = 0;  // 0: nobody's
    std::int64_t until = 0;   // seconds since the epoch
    std::size_t claimed = 0;  // how many of `open` the claim has

    bool is_claimed(std::int64_t now) const { return claim != 0 && now < until; }
  };
  struct Claim {
    std::uint64_t node = 0;
    std::uint64_t number = 0;
    DporTask task;
  };

  // Nothing explored: the root has one branch, of no step.
  Frontier();
  // As it was stored. False: it is no tree.
  bool restore(std::map<std::uint64_t, Node> nodes, std::uint64_t claims);

  const std::map<std::uint64_t, Node>& nodes() const { return nodes_; }
  std::uint64_t claims() const { return claims_; }
  bool is_done() const { return nodes_.empty(); }
  // The deepest node with something open that nobody has: so few nodes are.
  std::optional<Claim> claim(std::int64_t now, std::int64_t until);
  // False: the claim is over, and somebody else has it or had it. Nothing is taken then.
  bool give_back(const Claim& claim, const DporRest& rest);
  // How much of the whole tree is open, 0 to 1, if the branches of a state are alike.
  double open_share() const;

 private:
  static constexpr std::uint64_t root = 0;

  std::size_t position(std::uint64_t node) const;
  std::uint64_t node_at(std::uint64_t below, std::size_t wanted);
  void prune(std::uint64_t node);
  bool has_child(std::uint64_t node) const;

  std::map<std::uint64_t, Node> nodes_;
  std::uint64_t claims_ = 0;
};

}  // namespace rcufarm::sim
