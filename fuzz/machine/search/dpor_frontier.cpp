// Job: see dpor_frontier.h.
#include "machine/search/dpor_frontier.h"

#include <algorithm>

namespace rcufarm::sim {

namespace {

// Would the branch begin with a step that is known at the state?
bool begins_known(const FrontierState& state, const StepNames& branch) {
  const auto same = [&](const StepName& step) { return step.may_be(branch.front()); };
  return std::any_of(state.done.begin(), state.done.end(), same) ||
         std::any_of(state.open.begin(), state.open.end(),
                     [&](const StepNames& other) { return other.empty() || same(other.front()); });
}

}  // namespace

Frontier::Frontier() { nodes_[root].state.open.emplace_back(); }

bool Frontier::restore(std::map<std::uint64_t, Node> nodes, std::uint64_t claims) {
  for (const auto& [id, node] : nodes) {
    if (node.steps.empty() != (id == root)) return false;
    if (node.claimed > node.state.open.size() || node.claim > claims) return false;
    const bool goes_anywhere = id == root && nodes.size() == 1;
    for (const StepNames& branch : node.state.open) {
      if (branch.empty() && !goes_anywhere) return false;
    }
    // From everywhere it is a way to the root, and each step on it was explored.
    std::size_t left = nodes.size();
    for (auto at = nodes.find(id); at->first != root;) {
      const auto above = nodes.find(at->second.parent);
      if (above == nodes.end() || left-- == 0) return false;
      const StepNames& done = above->second.state.done;
      if (std::find(done.begin(), done.end(), at->second.steps.front()) == done.end()) return false;
      at = above;
    }
  }
  nodes_ = std::move(nodes);
  claims_ = claims;
  return true;
}

std::size_t Frontier::position(std::uint64_t node) const {
  std::size_t position = 0;
  for (; node != root; node = nodes_.at(node).parent) position += nodes_.at(node).steps.size();
  return position;
}

std::optional<Frontier::Claim> Frontier::claim(std::int64_t now, std::int64_t until) {
  std::uint64_t best = 0;
  std::size_t deepest = 0;
  bool found = false;
  for (const auto& [id, node] : nodes_) {
    if (node.state.open.empty() || node.is_claimed(now)) continue;
    const std::size_t at = position(id);
    if (found && at < deepest) continue;
    found = true;
    best = id;
    deepest = at;
  }
  if (!found) return std::nullopt;
  Node& node = nodes_.at(best);
  node.claim = ++claims_;
  node.until = until;
  node.claimed = node.state.open.size();
  Claim claim{best, node.claim, {}};
  DporTask& task = claim.task;
  task.states.resize(deepest + 1);
  task.states[deepest] = node.state;
  for (std::uint64_t id = best; id != root;) {
    const Node& child = nodes_.at(id);
    task.path.insert(task.path.begin(), child.steps.begin(), child.steps.end());
    deepest -= child.steps.size();
    id = child.parent;
    // What was explored there later than the path's step is known, and does not sleep on the path.
    const FrontierState& above = nodes_.at(id).state;
    const auto own = std::find(above.done.begin(), above.done.end(), child.steps.front());
    FrontierState& state = task.states[deepest];
    state.done.assign(above.done.begin(), own);
    state.open = above.open;
    for (auto later = own; later != above.done.end(); ++later) state.open.push_back({*later});
  }
  return claim;
}

// The node of the state at a position on the way to `below`, made if it was none yet.
std::uint64_t Frontier::node_at(std::uint64_t below, std::size_t wanted) {
  std::size_t begin = position(below);
  while (begin > wanted) {
    Node& lower = nodes_.at(below);
    begin -= lower.steps.size();
    if (begin >= wanted) {
      below = lower.parent;
      continue;
    }
    const auto middle = lower.steps.begin() + static_cast<std::ptrdiff_t>(wanted - begin);
    Node upper;
    upper.parent = lower.parent;
    upper.steps.assign(lower.steps.begin(), middle);
    upper.state.done.push_back(*middle);
    lower.steps.erase(lower.steps.begin(), middle);
    lower.parent = nodes_.rbegin()->first + 1;
    below = lower.parent;
    nodes_.emplace(below, std::move(upper));
    begin = wanted;
  }
  return below;
}

bool Frontier::has_child(std::uint64_t node) const {
  return std::any_of(nodes_.begin(), nodes_.end(),
                     [node](const auto& one) { return one.first != root && one.second.parent == node; });
}

// What is explored to the end, with all that is below it, is left out.
void Frontier::prune(std::uint64_t node) {
  while (true) {
    const auto at = nodes_.find(node);
    if (!at->second.state.open.empty() || at->second.claim != 0 || has_child(node)) return;
    const std::uint64_t parent = at->second.parent;
    nodes_.erase(at);
    if (node == root) return;
    node = parent;
  }
}

bool Frontier::give_back(const Claim& claim, const DporRest& rest) {
  const auto at = nodes_.find(claim.node);
  if (at == nodes_.end() || at->second.claim != claim.number) return false;
  Node& node = at->second;
  std::vector<StepNames> since(node.state.open.begin() + static_cast<std::ptrdiff_t>(node.claimed),
                               node.state.open.end());
  node.state = rest.states.front();
  node.claim = node.claimed = 0;
  const auto add = [this](std::uint64_t to, const StepNames& branch) {
    FrontierState& state = nodes_.at(to).state;
    if (!begins_known(state, branch)) state.open.push_back(branch);
  };
  for (const StepNames& branch : since) add(claim.node, branch);
  for (const auto& [position, branch] : rest.earlier) add(node_at(claim.node, position), branch);

  std::uint64_t parent = claim.node;
  StepNames steps;
  for (std::size_t i = 1; i < rest.states.size(); ++i) {
    steps.push_back(rest.path[i - 1]);
    const FrontierState& state = rest.states[i];
    const bool is_last = i + 1 == rest.states.size();
    if (!is_last && state.open.empty() && state.done.size() == 1) continue;
    const std::uint64_t id = nodes_.rbegin()->first + 1;
    nodes_.emplace(id, Node{parent, std::exchange(steps, {}), state});
    parent = id;
  }
  prune(parent);
  if (parent != claim.node && nodes_.find(claim.node) != nodes_.end()) prune(claim.node);
  return true;
}

double Frontier::open_share() const {
  // Of the way to a node: one of so many branches, at each node that it passes.
  const auto weight = [this](std::uint64_t id) {
    double weight = 1;
    for (; id != root; id = nodes_.at(id).parent) {
      const FrontierState& above = nodes_.at(nodes_.at(id).parent).state;
      weight /= static_cast<double>(above.done.size() + above.open.size());
    }
    return weight;
  };
  double share = 0;
  for (const auto& [id, node] : nodes_) {
    const auto open = static_cast<double>(node.state.open.size());
    if (open != 0) share += weight(id) * open / (open + static_cast<double>(node.state.done.size()));
  }
  return share;
}

}  // namespace rcufarm::sim
