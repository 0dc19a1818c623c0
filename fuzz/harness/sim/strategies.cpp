#include "harness/sim/strategies.h"

#include "harness/sim/near.h"
#include "machine/engine/check.h"
#include "machine/search/strategy_pct.h"
#include "machine/search/strategy_pos.h"
#include "machine/search/strategy_random.h"
#include "machine/search/strategy_surw.h"

namespace rcufarm::harness {

namespace {

// Shares of the time: each family has the same, PCT's depths share one, and so do the two random walks.
constexpr unsigned family_weight = 20;
// How often of 256 the sticky walk lets the current context go on: runs that look like a real machine's.
constexpr unsigned sticky = 240;

struct Named {
  StrategyKind kind;
  const char* name;
};
constexpr Named names[] = {{StrategyKind::portfolio, "portfolio"},
                           {StrategyKind::random_walk, "random"},
                           {StrategyKind::pct, "pct"},
                           {StrategyKind::partial_order, "pos"},
                           {StrategyKind::surw, "surw"},
                           {StrategyKind::exhaustive, "exhaustive"},
                           {StrategyKind::dpor, "dpor"}};

}  // namespace

const char* name_of(StrategyKind kind) { return names[static_cast<unsigned>(kind)].name; }

bool strategy_named(std::string_view name, StrategyKind& kind) {
  for (const Named& named : names) {
    if (name != named.name) continue;
    kind = named.kind;
    return true;
  }
  return false;
}

void Strategies::add(std::unique_ptr<sim::Strategy> strategy, unsigned weight) {
  members_.push_back({.strategy = std::move(strategy), .weight = weight});
}

void Strategies::add_random(std::uint64_t seed) {
  add(std::make_unique<sim::RandomStrategy>(seed), family_weight / 2);
  add(std::make_unique<sim::RandomStrategy>(sim::mixed(seed), sticky), family_weight / 2);
}

void Strategies::add_pct(std::uint64_t seed) {
  for (unsigned depth = 1; depth <= sim::PctStrategy::depth_max; ++depth) {
    add(std::make_unique<sim::PctStrategy>(seed, depth), family_weight / sim::PctStrategy::depth_max);
  }
}

Strategies::Strategies(StrategyKind kind, std::uint64_t seed, unsigned runs, const sim::Schedule* near)
    : has_near_(near != nullptr), step_((std::uint64_t{runs} + batch_runs - 1) / batch_runs * batch_runs) {
  if (has_near_) add(std::make_unique<NearStrategy>(near->deviations, seed), 0);
  const bool all = kind == StrategyKind::portfolio;
  if (all || kind == StrategyKind::random_walk) add_random(seed);
  if (all || kind == StrategyKind::pct) add_pct(seed);
  if (all || kind == StrategyKind::partial_order) add(std::make_unique<sim::PosStrategy>(seed), family_weight);
  // In fewer runs, SURW never comes behind its profile: a random walk at a higher price.
  const bool is_profile_of_use = runs >= sim::SurwStrategy::profile_every;
  if ((all && is_profile_of_use) || kind == StrategyKind::surw)
    add(std::make_unique<sim::SurwStrategy>(seed), family_weight);
  sim::check(members_.size() > (has_near_ ? 1 : 0), "a search that ends is no endless supply of schedules");
  if (!has_near_) return;
  for (std::size_t i = 1; i < members_.size(); ++i) members_[0].weight += members_[i].weight;
}

sim::Strategy& Strategies::next() {
  current_ = 0;
  for (std::size_t i = 1; i < members_.size(); ++i) {
    const Member& best = members_[current_];
    const Member& other = members_[i];
    if (other.points * best.weight < best.points * other.weight) current_ = i;
  }
  return *members_[current_].strategy;
}

void Strategies::done(std::uint64_t points) {
  members_[current_].runs += step_;
  // A batch costs something before its first point, too.
  members_[current_].points += points + 1;
}

}  // namespace rcufarm::harness
