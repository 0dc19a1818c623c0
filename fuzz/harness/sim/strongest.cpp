#include "harness/sim/strongest.h"

#include <algorithm>
#include <array>

#include "harness/sim/around.h"
#include "harness/sim/endless.h"
#include "oracle/signature.h"

namespace rcufarm::harness {

namespace {

using sim::MemoryModel;

// The strongest first. Where both show it, the kernel's model says more than C++'s: which machines can do it.
constexpr std::array strongest_first = {MemoryModel::sc, MemoryModel::tso, MemoryModel::kernel, MemoryModel::c11};

void add(std::vector<NotShown>& all, MemoryModel model, std::uint64_t runs) {
  const auto same = std::find_if(all.begin(), all.end(), [&](const NotShown& n) { return n.model == model; });
  if (same == all.end()) {
    all.push_back({model, runs});
  } else {
    same->runs += runs;
  }
}

}  // namespace

bool find_strongest_model(SimRunner& runner, SimFinding& finding, std::vector<NotShown>& not_shown, Budget* budget) {
  if (oracle::is_missing_order(finding.kind)) return false;
  for (const MemoryModel model : strongest_first) {
    if (model == finding.config.model || (budget != nullptr && budget->over())) return false;
    SimConfig config = finding.config;
    config.model = model;
    SimFinding shown;
    const Around around = search_around(
        runner, finding, config,
        [&](const SimOutcome& outcome) {
          const bool same = outcome.found() && oracle::is_signature_of(finding.signature, outcome.accusation);
          if (!same) return false;
          shown = unless_it_ends(runner, runner.finding(outcome, finding.scenario, config));
          return shown.kind == finding.kind;
        },
        budget);
    if (around.accepted) {
      shown.schedule.config = finding.schedule.config;
      finding = std::move(shown);
      // Shown under this one, so what weaker ones did not show says nothing.
      const auto weaker = std::find_if(not_shown.begin(), not_shown.end(), [&](const NotShown& n) {
        return std::find(strongest_first.begin(), strongest_first.end(), n.model) >=
               std::find(strongest_first.begin(), strongest_first.end(), model);
      });
      not_shown.erase(weaker, not_shown.end());
      return true;
    }
    add(not_shown, model, around.runs);
  }
  return false;
}

}  // namespace rcufarm::harness
