#include "report/missing_order.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace rcufarm::report {

namespace {

using kernel::Order;

constexpr std::size_t gaps_max = 2;

bool acquires(Order order) { return order == Order::acquire || order == Order::acq_rel || order == Order::seq_cst; }
bool releases(Order order) { return order == Order::release || order == Order::acq_rel || order == Order::seq_cst; }

bool is_on_side_of(const Step& s, const Step& party) {
  return s.context() == party.context() || (s.cpu() == party.cpu() && s.cpu() != sim::no_cpu);
}

}  // namespace

MissingOrder missing_order_of(const Recording& recording, const harness::SimFinding& finding,
                              const std::vector<std::size_t>& parties) {
  MissingOrder missing;
  const bool is_known = parties.size() == 2 && parties[0] != MissingOrder::none && parties[1] != MissingOrder::none;
  if (!oracle::is_missing_order(finding.kind) || !is_known || parties[0] == parties[1]) return missing;
  std::tie(missing.first, missing.second) = std::minmax(parties[0], parties[1]);
  const std::vector<Step>& steps = recording.steps;
  std::unordered_map<std::uint32_t, std::size_t> made;  // by the first side, from its step on
  for (std::size_t i = missing.first; i < missing.second; ++i) {
    const Step& s = steps[i];
    if (!s.is_access()) continue;
    const auto store = made.find(s.event.store);
    if (s.event.store != 0 && store != made.end() && is_on_side_of(s, steps[missing.second]) &&
        !is_on_side_of(s, steps[missing.first])) {
      const OrderGap gap{.store = store->second,
                         .load = i,
                         .releases = releases(steps[store->second].event.order),
                         .acquires = acquires(s.event.order)};
      if (!(gap.releases && gap.acquires)) missing.gaps.push_back(gap);
    }
    if (s.event.made != 0 && is_on_side_of(s, steps[missing.first])) made[s.event.made] = i;
  }
  if (missing.gaps.size() > gaps_max) {
    missing.gaps.erase(missing.gaps.begin(), missing.gaps.end() - static_cast<std::ptrdiff_t>(gaps_max));
  }
  return missing;
}

}  // namespace rcufarm::report
