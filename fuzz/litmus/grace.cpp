#include "litmus/grace.h"

namespace rcufarm::litmus {
namespace {

struct Choice {
  Relation ends_before, begins_after;
};

// All pairs of a section of `sections` and a grace period of `periods`.
void add_choices(const Graph& g, const Relation& sections, const EventSet& periods, bool same_struct,
                 std::vector<Choice>& choices) {
  const Relation before = inverse(g.po);
  sections.each([&](EventId lock, EventId unlock) {
    periods.each([&](EventId period) {
      if (same_struct && !g.loc.has(lock, period)) return;
      choices.push_back({.ends_before = cross(before.after(unlock), g.po.after(period)),
                         .begins_after = cross(before.after(period), g.po.after(lock))});
    });
  });
}

bool fit(const std::vector<Choice>& choices, std::size_t next, const Relation& order, const GraceOrder& allowed,
         const GraceOrder& wanted) {
  if (!allowed(order)) return false;
  if (next == choices.size()) return !wanted || wanted(order);
  return fit(choices, next + 1, order | choices[next].ends_before, allowed, wanted) ||
         fit(choices, next + 1, order | choices[next].begins_after, allowed, wanted);
}

}  // namespace

bool grace_periods_fit(const Graph& g, const GraceOrder& allowed, const GraceOrder& wanted) {
  std::vector<Choice> choices;
  add_choices(g, rcu_sections(g), g.of(EventKind::sync_rcu), false, choices);
  add_choices(g, srcu_sections(g), g.of(EventKind::sync_srcu), true, choices);
  return fit(choices, 0, g.none(), allowed, wanted);
}

}  // namespace rcufarm::litmus
