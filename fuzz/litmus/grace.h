// Grace periods as orders of events, for models that know nothing of RCU themselves.
//
// Job: what sc, tso and c11 make of read sections and grace periods. (The kernel's model has an axiom of its own.)
#pragma once

#include <functional>
#include <vector>

#include "litmus/graph.h"

namespace rcufarm::litmus {

// A grace period begins and ends, and waits for each section that began before it did. So, for each section and each grace
// period of its flavour (and srcu_struct), one of two holds:
// - the section ends before the grace period does: all up to its unlock is before that end and all that follows; or
// - it begins after the grace period has: all up to that beginning is before its lock and all that follows.
class GracePeriods {
 public:
  explicit GracePeriods(const Graph& g);

  // The execution with each grace period as two events, its beginning and its end.
  const Graph& graph() const { return graph_; }
  // Is there a choice for all sections and grace periods that `allowed` accepts, and `wanted` too if it is given? They get the
  // pairs of events of graph() so ordered. `allowed` must accept each part of what it accepts; `wanted` is asked about whole
  // choices only.
  using Order = std::function<bool(const Relation& order)>;
  bool fit(const Order& allowed, const Order& wanted = nullptr) const;

 private:
  struct Choice {
    Relation ends_before, begins_after;
  };

  void add_choices(const Relation& sections, EventKind sync, bool same_struct);
  using Queue = std::vector<const Choice*>;
  // `queue`: what is chosen, and from `next` on what is not yet. False: `conflict` is a choice that no way was left for, if any.
  bool fit(Queue& queue, std::size_t next, const Relation& order, const Order& allowed, const Order& wanted,
           const Choice*& conflict) const;

  std::vector<EventId> beginnings_;  // of grace periods; the end of each is the next event
  Graph graph_;
  std::vector<Choice> choices_;
};

}  // namespace rcufarm::litmus
