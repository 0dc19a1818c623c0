// An execution that grows: what the search has decided so far.
//
// Job: events in the order in which they were added, their rf and co, and what each thread does next. A plain value that the
// search copies at each decision; events belong to the Traces and to the initial writes.
#pragma once

#include <vector>

#include "litmus/graph.h"
#include "litmus/program.h"
#include "litmus/traces.h"

namespace rcufarm::litmus {

using NodeId = unsigned;

struct Node {
  const Event* event = nullptr;
  NodeId rf = 0;  // of a read
};

class Growing {
 public:
  // Nothing but the initial writes, one for each location. All three outlive this.
  Growing(const std::vector<Event>& initial, Traces& traces, unsigned threads, Srcu srcu);

  const std::vector<Node>& nodes() const { return nodes_; }
  const Event& event(NodeId node) const { return *nodes_[node].event; }
  // The writes of a location in coherence order.
  const std::vector<NodeId>& co(Location location) const { return co_[location]; }
  bool is_read(const Event& e) const {
    return e.kind == EventKind::read || (memory_srcu() && e.kind == EventKind::srcu_lock);
  }
  bool is_write(const Event& e) const {
    return e.kind == EventKind::write || (memory_srcu() && e.kind == EventKind::srcu_unlock);
  }

  // Null: the thread has nothing left to do, or is stuck.
  const Event* next(unsigned thread) const;
  // The event that the search adds next: the write of a read-modify-write whose read was added, else that of the first
  // thread which has one. Null: the execution is whole.
  const Event* next() const;
  // Have all threads ended? Of a whole execution: one that has not is blocked.
  bool ended() const;

  void add_fence(const Event& e) { append(e); }
  void add_read(const Event& e, NodeId source);
  // Not yet in co.
  NodeId add_write(const Event& e) { return append(e); }
  void place(NodeId write, std::size_t position);
  // Where in co the newest write stands that the event's thread has read or written at this location: nothing older can be
  // read any more, nor be overtaken by a write. (Coherence, which all models have.)
  std::size_t seen(const Event& e) const;
  // The places in co that a write may take, first and last: all behind what its thread has seen, but a read-modify-write follows
  // what it read.
  std::pair<std::size_t, std::size_t> places(NodeId write) const;

  // What is before a node in po and rf.
  EventSet prefix(NodeId node) const;
  // Could `write`, which is not in co yet, have been there before `read` was added? True if what was added since, and does not
  // lead to the write, is what is always added first: reads of the newest writes, and writes that are the newest. Only
  // from such a graph does the search go back, so that it builds none twice. `before`: the prefix of the write.
  bool may_revisit(NodeId read, NodeId write, const EventSet& before) const;
  // Takes away what was added after `read` and is not before `write`; then `read` reads it. Gives the write's new number.
  NodeId revisit(NodeId read, NodeId write, const EventSet& before);

  Graph graph() const;
  State state() const;

 private:
  struct Thread {
    std::vector<NodeId> nodes;  // in program order
    std::vector<Value> values;  // of its reads
    const ThreadTrace* trace = nullptr;
  };

  bool memory_srcu() const { return srcu_ == Srcu::memory; }
  NodeId append(const Event& e);
  std::size_t place_of(NodeId write) const;
  void keep(const EventSet& kept);
  bool is_newest(NodeId node, const EventSet& previous) const;

  Traces* traces_;
  Srcu srcu_;
  std::vector<Node> nodes_;
  std::vector<Thread> threads_;
  std::vector<std::vector<NodeId>> co_;
};

}  // namespace rcufarm::litmus
