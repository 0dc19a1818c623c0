// Job: see strategy_portfolio.h.
#include "machine/search/strategy_portfolio.h"

#include <utility>

#include "machine/engine/check.h"
#include "machine/search/strategy_pct.h"
#include "machine/search/strategy_pos.h"
#include "machine/search/strategy_random.h"
#include "machine/search/strategy_surw.h"

namespace rcufarm::sim {

PortfolioStrategy::PortfolioStrategy(std::vector<Member> members) : members_(std::move(members)) {
  check(!members_.empty(), "a portfolio has at least one member");
  for (const Member& member : members_) check(member.weight > 0, "a member's weight is at least 1");
}

PortfolioStrategy PortfolioStrategy::usual(std::uint64_t seed) {
  constexpr unsigned share = 5;
  std::vector<Member> members;
  const auto add = [&members](std::unique_ptr<Strategy> strategy, unsigned weight) {
    members.push_back(Member{std::move(strategy), weight, 0, 0, false});
  };
  add(std::make_unique<RandomStrategy>(seed), share);
  add(std::make_unique<RandomStrategy>(seed + 1, 240), share);
  for (unsigned depth = 1; depth <= PctStrategy::depth_max; ++depth) {
    add(std::make_unique<PctStrategy>(seed, depth), 2 * share / PctStrategy::depth_max);
  }
  add(std::make_unique<PosStrategy>(seed), share);
  add(std::make_unique<SurwStrategy>(seed), share);
  return PortfolioStrategy(std::move(members));
}

bool PortfolioStrategy::begin_run(std::uint64_t) {
  while (true) {
    const Member* best = nullptr;
    for (const Member& member : members_) {
      if (member.exhausted) continue;
      if (best == nullptr || member.steps * best->weight < best->steps * member.weight) best = &member;
    }
    if (best == nullptr) return false;
    current_ = static_cast<std::size_t>(best - members_.data());
    Member& member = members_[current_];
    if (member.strategy->begin_run(member.runs)) {
      ++member.runs;
      return true;
    }
    member.exhausted = true;
  }
}

void PortfolioStrategy::end_run(std::uint64_t steps, End end) {
  // A run costs something before its first step, too.
  members_[current_].steps += steps + 1;
  now().end_run(steps, end);
}

}  // namespace rcufarm::sim
