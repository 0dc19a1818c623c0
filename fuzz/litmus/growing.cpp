#include "litmus/growing.h"

#include <algorithm>

namespace rcufarm::litmus {

Growing::Growing(const std::vector<Event>& initial, Traces& traces, unsigned threads, Srcu srcu)
    : traces_(&traces), srcu_(srcu), threads_(threads), co_(initial.size()) {
  for (const Event& e : initial) {
    co_[e.location].push_back(static_cast<NodeId>(nodes_.size()));
    nodes_.push_back({.event = &e});
  }
  for (unsigned t = 0; t < threads; ++t) threads_[t].trace = &traces.run(t, {});
}

const Event* Growing::next(unsigned thread) const {
  const Thread& t = threads_[thread];
  if (t.nodes.size() == t.trace->events.size()) return nullptr;
  const Event& e = t.trace->events[t.nodes.size()];
  // Whoever waits for a lock has read that it is taken.
  const bool takes_lock = e.kind == EventKind::write && e.part == Part::lock && e.rmw_read >= 0;
  if (takes_lock && event(t.nodes[static_cast<unsigned>(e.rmw_read)]).value != 0) return nullptr;
  return &e;
}

const Event* Growing::next() const {
  const Event* first = nullptr;
  for (unsigned thread = 0; thread < threads_.size(); ++thread) {
    const Event* const e = next(thread);
    if (e == nullptr) continue;
    if (e->rmw_read >= 0) return e;
    if (first == nullptr) first = e;
  }
  return first;
}

bool Growing::ended() const {
  return std::all_of(threads_.begin(), threads_.end(), [](const Thread& t) {
    return t.trace->ended && !t.trace->cut && t.nodes.size() == t.trace->events.size();
  });
}

NodeId Growing::append(const Event& e) {
  const auto node = static_cast<NodeId>(nodes_.size());
  nodes_.push_back({.event = &e});
  threads_[e.thread].nodes.push_back(node);
  return node;
}

void Growing::add_read(const Event& e, NodeId source) {
  const NodeId node = append(e);
  nodes_[node].rf = source;
  if (e.kind != EventKind::read) return;
  Thread& thread = threads_[e.thread];
  thread.values.push_back(event(source).value);
  thread.trace = &traces_->run(e.thread, thread.values);
  nodes_[node].event = &thread.trace->events[e.index];
}

void Growing::place(NodeId write, std::size_t position) {
  auto& order = co_[event(write).location];
  order.insert(order.begin() + static_cast<std::ptrdiff_t>(position), write);
}

std::size_t Growing::place_of(NodeId write) const {
  const auto& order = co_[event(write).location];
  return static_cast<std::size_t>(std::find(order.begin(), order.end(), write) - order.begin());
}

std::size_t Growing::seen(const Event& e) const {
  std::size_t newest = 0;
  const auto& nodes = threads_[e.thread].nodes;
  for (unsigned index = 0; index < e.index; ++index) {
    const Event& earlier = event(nodes[index]);
    if (earlier.location != e.location) continue;
    if (is_write(earlier)) newest = std::max(newest, place_of(nodes[index]));
    if (is_read(earlier)) newest = std::max(newest, place_of(nodes_[nodes[index]].rf));
  }
  return newest;
}

std::pair<std::size_t, std::size_t> Growing::places(NodeId write) const {
  const Event& e = event(write);
  if (e.rmw_read < 0) return {seen(e) + 1, co_[e.location].size()};
  const NodeId source = nodes_[threads_[e.thread].nodes[static_cast<unsigned>(e.rmw_read)]].rf;
  return {place_of(source) + 1, place_of(source) + 1};
}

EventSet Growing::prefix(NodeId node) const {
  EventSet set(static_cast<unsigned>(nodes_.size()));
  std::vector<NodeId> open = {node};
  const auto reach = [&](NodeId other) {
    if (set.has(other)) return;
    set.add(other);
    open.push_back(other);
  };
  while (!open.empty()) {
    const NodeId here = open.back();
    open.pop_back();
    const Event& e = event(here);
    if (e.thread == initial_thread) continue;
    if (e.index > 0) reach(threads_[e.thread].nodes[e.index - 1]);
    if (is_read(e)) reach(nodes_[here].rf);
  }
  return set;
}

// Among `previous`: does a read read the newest write of its location, is a write the newest and nobody has read it?
bool Growing::is_newest(NodeId node, const EventSet& previous) const {
  const Event& e = event(node);
  NodeId write = node;
  if (is_read(e)) {
    write = nodes_[node].rf;
  } else if (is_write(e)) {
    for (NodeId reader = 0; reader < nodes_.size(); ++reader)
      if (previous.has(reader) && is_read(event(reader)) && nodes_[reader].rf == node) return false;
  } else {
    return true;
  }
  const auto& order = co_[e.location];
  const auto place = order.begin() + static_cast<std::ptrdiff_t>(place_of(write));
  return std::none_of(place + 1, order.end(), [&](NodeId later) { return previous.has(later); });
}

bool Growing::may_revisit(NodeId read, NodeId write, const EventSet& before) const {
  EventSet previous = before;  // and all that were added up to the node that is asked about
  for (NodeId node = 0; node < read; ++node) previous.add(node);
  for (NodeId node = read; node < write; ++node) {
    previous.add(node);
    if (!before.has(node) && !is_newest(node, previous)) return false;
  }
  return true;
}

NodeId Growing::revisit(NodeId read, NodeId write, const EventSet& before) {
  EventSet kept = before;
  for (NodeId node = 0; node <= read; ++node) kept.add(node);
  kept.add(write);
  keep(kept);
  const auto moved = static_cast<NodeId>(nodes_.size() - 1);
  nodes_[read].rf = moved;
  Thread& thread = threads_[event(read).thread];
  if (event(read).kind == EventKind::read) {
    thread.values.back() = event(moved).value;
    thread.trace = &traces_->run(event(read).thread, thread.values);
    nodes_[read].event = &thread.trace->events[event(read).index];
  }
  return moved;
}

void Growing::keep(const EventSet& kept) {
  std::vector<NodeId> renamed(nodes_.size());
  NodeId next = 0;
  for (NodeId node = 0; node < nodes_.size(); ++node)
    if (kept.has(node)) renamed[node] = next++;
  const auto take = [&](std::vector<NodeId>& list) {
    std::erase_if(list, [&](NodeId node) { return !kept.has(node); });
    for (NodeId& node : list) node = renamed[node];
  };
  for (auto& order : co_) take(order);
  for (unsigned t = 0; t < threads_.size(); ++t) {
    Thread& thread = threads_[t];
    const std::size_t had = thread.nodes.size();
    std::erase_if(thread.nodes, [&](NodeId node) { return !kept.has(node); });
    const auto reads = std::count_if(thread.nodes.begin(), thread.nodes.end(),
                                     [&](NodeId node) { return event(node).kind == EventKind::read; });
    for (NodeId& node : thread.nodes) node = renamed[node];
    if (thread.nodes.size() == had) continue;
    thread.values.resize(static_cast<std::size_t>(reads));
    thread.trace = &traces_->run(t, thread.values);
  }
  for (NodeId node = 0; node < nodes_.size(); ++node) {
    if (!kept.has(node)) continue;
    Node moved = nodes_[node];
    moved.rf = renamed[moved.rf];
    nodes_[renamed[node]] = moved;
  }
  nodes_.resize(next);
}

Graph Growing::graph() const {
  std::vector<Event> events;
  events.reserve(nodes_.size());
  for (const Node& node : nodes_) events.push_back(*node.event);
  Graph g(std::move(events), srcu_);
  for (NodeId node = 0; node < nodes_.size(); ++node)
    if (is_read(event(node))) g.rf.add(nodes_[node].rf, node);
  for (const auto& order : co_)
    for (std::size_t i = 0; i < order.size(); ++i)
      for (std::size_t j = i + 1; j < order.size(); ++j) g.co.add(order[i], order[j]);
  return g;
}

State Growing::state() const {
  State state;
  for (const Thread& thread : threads_) state.registers.push_back(thread.trace->registers);
  for (const auto& order : co_) state.locations.push_back(event(order.back()).value);
  return state;
}

}  // namespace rcufarm::litmus
