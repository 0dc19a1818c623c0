#include "litmus/graph.h"

#include <algorithm>

namespace rcufarm::litmus {
namespace {

bool has_location(EventKind kind) {
  switch (kind) {
    case EventKind::read:
    case EventKind::write:
    case EventKind::srcu_lock:
    case EventKind::srcu_unlock:
    case EventKind::sync_srcu: return true;
    case EventKind::fence:
    case EventKind::rcu_lock:
    case EventKind::rcu_unlock:
    case EventKind::sync_rcu: return false;
  }
  return false;
}

}  // namespace

Graph::Graph(std::vector<Event> all_events, Srcu srcu) : events(std::move(all_events)) {
  const unsigned n = size();
  po = internal = loc = addr = data = ctrl = rmw = rf = co = Relation(n);
  const bool memory_srcu = srcu == Srcu::memory;
  initial = where([](const Event& e) { return e.thread == initial_thread; });
  reads = of(EventKind::read);
  writes = of(EventKind::write);
  if (memory_srcu) {
    reads |= of(EventKind::srcu_lock);
    writes |= of(EventKind::srcu_unlock);
  }
  memory = reads | writes;

  std::vector<std::vector<EventId>> threads;  // their events by index
  for (EventId e = 0; e < n; ++e) {
    const Event& event = events[e];
    if (initial.has(e)) continue;
    if (threads.size() <= event.thread) threads.resize(event.thread + 1);
    auto& thread = threads[event.thread];
    if (thread.size() <= event.index) thread.resize(event.index + 1);
    thread[event.index] = e;
  }
  initial.each([&](EventId a) { initial.each([&](EventId b) { internal.add(a, b); }); });
  for (const auto& thread : threads)
    for (std::size_t i = 0; i < thread.size(); ++i) {
      const EventId e = thread[i];
      for (const EventId other : thread) internal.add(e, other);
      for (std::size_t j = i + 1; j < thread.size(); ++j) po.add(e, thread[j]);
      const Event& event = events[e];
      for (const unsigned read : event.addr) addr.add(thread[read], e);
      for (const unsigned read : event.data) data.add(thread[read], e);
      for (const unsigned read : event.ctrl) ctrl.add(thread[read], e);
      if (event.rmw_read >= 0) rmw.add(thread[static_cast<unsigned>(event.rmw_read)], e);
    }
  for (EventId a = 0; a < n; ++a)
    for (EventId b = 0; b < n; ++b)
      if (events[a].location == events[b].location && has_location(events[a].kind) && has_location(events[b].kind))
        loc.add(a, b);
}

Relation rcu_sections(const Graph& g) {
  Relation sections = g.none();
  const EventSet locks = g.of(EventKind::rcu_lock), unlocks = g.of(EventKind::rcu_unlock);
  if (locks.empty()) return sections;
  // As parentheses match: each unlock in program order ends the section of the last lock before it that none has ended.
  std::vector<EventId> in_order;
  unlocks.each([&](EventId e) { in_order.push_back(e); });
  std::sort(in_order.begin(), in_order.end(),
            [&](EventId a, EventId b) { return g.events[a].index < g.events[b].index; });
  EventSet open = locks;
  for (const EventId unlock : in_order) {
    EventId last = g.size();
    open.each([&](EventId lock) {
      if (g.po.has(lock, unlock) && (last == g.size() || g.po.has(last, lock))) last = lock;
    });
    if (last == g.size()) continue;
    sections.add(last, unlock);
    open.remove(last);
  }
  return sections;
}

Relation srcu_sections(const Graph& g) {
  const EventSet locks = g.of(EventKind::srcu_lock), unlocks = g.of(EventKind::srcu_unlock);
  if (locks.empty()) return g.none();
  const Relation carry = star(g.data >> ~unlocks >> g.rf);
  return (locks >> carry >> g.data >> unlocks) & g.loc;
}

std::vector<EventId> linearize(const Graph& g) {
  const Relation must = g.po | g.rf, wish = must | g.co | g.fr();
  EventSet left = EventSet::all(g.size());
  // The first event left that none left is before: in `wish` if there is one, else in `must`.
  const auto first = [&](const Relation& order) {
    const EventSet later = range(left >> order);
    EventId found = g.size();
    left.each([&](EventId e) {
      if (found == g.size() && !later.has(e)) found = e;
    });
    return found;
  };
  std::vector<EventId> line;
  while (!left.empty()) {
    EventId next = first(wish);
    if (next == g.size()) next = first(must);
    if (next == g.size()) left.each([&](EventId e) { next = std::min(next, e); });  // po and rf have a cycle
    line.push_back(next);
    left.remove(next);
  }
  return line;
}

}  // namespace rcufarm::litmus
