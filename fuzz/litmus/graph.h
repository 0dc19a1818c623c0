// An execution, or the beginning of one, as a graph of events.
//
// Job: the relations that models judge. Whoever builds one (explore.h, buffering.h) gives the events and then rf and co;
// everything else follows from the events. A plain value.
#pragma once

#include <utility>
#include <vector>

#include "litmus/event.h"
#include "litmus/relation.h"

namespace rcufarm::litmus {

// The thread of initial writes. They are a thread of their own to `internal`, so rf and co from them are external.
inline constexpr unsigned initial_thread = ~0U;

// Are the accesses of SRCU sections reads and writes of the srcu_struct, which take part in rf and co?
enum class Srcu : std::uint8_t { fences, memory };

struct Graph {
  // The initial writes come first, in the order of locations, then the threads' events in any order; those of one thread
  // have the indices 0, 1, 2 …
  Graph(std::vector<Event> all_events, Srcu srcu);

  unsigned size() const { return static_cast<unsigned>(events.size()); }
  // The events of which predicate(const Event&) is true.
  template <class Predicate>
  EventSet where(Predicate predicate) const {
    EventSet set(size());
    for (EventId e = 0; e < size(); ++e)
      if (predicate(events[e])) set.add(e);
    return set;
  }
  EventSet of(EventKind kind) const {
    return where([=](const Event& e) { return e.kind == kind; });
  }
  EventSet of(Fence fence) const {
    return where([=](const Event& e) { return e.kind == EventKind::fence && e.fence == fence; });
  }
  EventSet of(Part part) const {
    return memory & where([=](const Event& e) { return e.part == part; });
  }
  EventSet of(Order order) const {
    return memory & where([=](const Event& e) { return e.order == order; });
  }
  Relation none() const { return Relation(size()); }
  Relation fr() const { return inverse(rf) >> co; }
  Relation external(const Relation& r) const { return r - internal; }

  std::vector<Event> events;
  EventSet initial, reads, writes, memory;  // memory: reads and writes
  Relation po, internal, loc;               // internal: both of one thread; loc: both of one location
  Relation addr, data, ctrl, rmw;
  Relation rf, co;
};

// Lock and unlock of each section, nested ones included.
Relation rcu_sections(const Graph& g);
// An SRCU section is what the index joins: it may pass through memory to another thread.
Relation srcu_sections(const Graph& g);

// The events in an order that po and rf follow, and co and fr wherever they can too: how to tell the execution.
std::vector<EventId> linearize(const Graph& g);

}  // namespace rcufarm::litmus
