#include "report/parties.h"

#include "report/relevance.h"

namespace rcufarm::report {

namespace {

using sim::EventKind;
using sim::Op;

// How well does a step fit a party? 0: not at all. An access that the machine remembers by its word alone has no step.
int fit_of(const Step& s, const harness::FindingParty& p) {
  if (s.context() != p.context || (p.step != 0 && s.at() != p.step)) return 0;
  if (s.is_user) return p.step != 0 && p.op == Op::call ? 2 : 0;
  const bool same_place = p.line == s.event.site.line && p.function == s.event.site.function;
  if (p.step == 0 && !same_place) return 0;
  // A callback's begin and end carry the operation that queued it.
  const bool edge = s.event.kind == EventKind::callback_begin || s.event.kind == EventKind::callback_end;
  if (s.event.op == p.op && !edge) return 2;
  // A violation is told with the second party's operation, and may stand at the first one's.
  return same_place && (s.is_access() || s.is(EventKind::violation)) ? 1 : 0;
}

}  // namespace

std::vector<std::size_t> find_parties(const Recording& recording, const harness::SimFinding& finding) {
  std::vector<std::size_t> found;
  for (const harness::FindingParty& party : finding.parties) {
    std::size_t best = Relation::none;
    int best_fit = 0;
    for (std::size_t i = 0; i < recording.steps.size(); ++i) {
      const int fit = fit_of(recording.steps[i], party);
      if (fit == 0 || fit < best_fit) continue;
      best = i;  // the last of those that fit best
      best_fit = fit;
    }
    found.push_back(best);
  }
  return found;
}

Target accused_of(const Recording& recording, const harness::SimFinding& finding) {
  const Target whole{finding.object, finding.offset};
  const Step* const last = recording.steps.empty() ? nullptr : &recording.steps.back();
  const bool is_told = last != nullptr && last->is(EventKind::violation) && whole.serial != 0 &&
                       Target{last->event.object, last->event.offset} == whole;
  return is_told ? last->where : whole;
}

}  // namespace rcufarm::report
