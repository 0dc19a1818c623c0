#include "litmus/grace.h"

#include <algorithm>

namespace rcufarm::litmus {
namespace {

bool is_grace_period(const Event& e) { return e.kind == EventKind::sync_rcu || e.kind == EventKind::sync_srcu; }

// The number of an event in its thread, once the grace periods before it are two events each.
unsigned shifted(const Graph& g, unsigned thread, unsigned index) {
  unsigned more = 0;
  for (const Event& e : g.events)
    if (e.thread == thread && e.index < index && is_grace_period(e)) ++more;
  return index + more;
}

Event moved(const Graph& g, Event e) {
  if (e.thread == initial_thread) return e;
  for (auto* reads : {&e.addr, &e.data, &e.ctrl})
    for (unsigned& read : *reads) read = shifted(g, e.thread, read);
  if (e.rmw_read >= 0) e.rmw_read = static_cast<int>(shifted(g, e.thread, static_cast<unsigned>(e.rmw_read)));
  e.index = shifted(g, e.thread, e.index);
  return e;
}

Graph with_ends(const Graph& g, std::vector<EventId>& beginnings) {
  std::vector<Event> events;
  std::vector<EventId> renamed;
  for (const Event& old : g.events) {
    renamed.push_back(static_cast<EventId>(events.size()));
    Event event = moved(g, old);
    events.push_back(event);
    if (!is_grace_period(event)) continue;
    beginnings.push_back(renamed.back());
    ++event.index;
    events.push_back(std::move(event));
  }
  Graph split(std::move(events), Srcu::fences);
  g.rf.each([&](EventId a, EventId b) { split.rf.add(renamed[a], renamed[b]); });
  g.co.each([&](EventId a, EventId b) { split.co.add(renamed[a], renamed[b]); });
  return split;
}

EventSet with(EventId e, EventSet set) {
  set.add(e);
  return set;
}

}  // namespace

GracePeriods::GracePeriods(const Graph& g) : graph_(with_ends(g, beginnings_)) {
  add_choices(rcu_sections(graph_), EventKind::sync_rcu, false);
  add_choices(srcu_sections(graph_), EventKind::sync_srcu, true);
}

void GracePeriods::add_choices(const Relation& sections, EventKind sync, bool same_struct) {
  const Relation& after = graph_.po;
  const Relation before = inverse(after);
  sections.each([&](EventId lock, EventId unlock) {
    for (const EventId begin : beginnings_) {
      const EventId end = begin + 1;
      if (graph_.events[begin].kind != sync || (same_struct && !graph_.loc.has(lock, begin))) continue;
      choices_.push_back({.ends_before = cross(with(unlock, before.after(unlock)), with(end, after.after(end))),
                          .begins_after = cross(with(begin, before.after(begin)), with(lock, after.after(lock)))});
    }
  });
}

bool GracePeriods::fit(const Order& allowed, const Order& wanted) const {
  if (!allowed(graph_.none())) return false;
  Queue queue;
  for (const Choice& choice : choices_) queue.push_back(&choice);
  const Choice* conflict = nullptr;
  return fit(queue, 0, graph_.none(), allowed, wanted, conflict);
}

bool GracePeriods::fit(Queue& queue, std::size_t next, const Relation& order, const Order& allowed, const Order& wanted,
                       const Choice*& conflict) const {
  conflict = nullptr;
  if (next == queue.size()) return !wanted || wanted(order);
  const Choice* const choice = queue[next];
  bool any = false;
  for (const Relation* way : {&choice->ends_before, &choice->begins_after}) {
    const Relation longer = order | *way;
    if (!allowed(longer)) continue;
    any = true;
    if (fit(queue, next + 1, longer, allowed, wanted, conflict)) return true;
    // What had no way left comes first from now on: either this choice is at fault, or that is seen at once.
    const auto rest = queue.begin() + static_cast<std::ptrdiff_t>(next) + 1;
    const auto found = std::find(rest, queue.end(), conflict);
    if (found != queue.end()) std::rotate(rest, found, found + 1);
  }
  if (!any) conflict = choice;
  return false;
}

}  // namespace rcufarm::litmus
