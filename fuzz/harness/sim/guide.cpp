#include "harness/sim/guide.h"

#include <algorithm>

#include "scenario/mutations.h"
#include "scenario/normalize.h"
#include "scenario/random.h"

namespace rcufarm::harness {

namespace {

// Behind so many runs it is known what is rare: what fewer than one run in a hundred reaches.
constexpr std::uint64_t runs_before = 200;
constexpr std::uint64_t rare_one_in = 100;
// Of so many rare pairs the one that had the fewest turns has the next.
constexpr unsigned pairs_asked = 3;
constexpr unsigned changes_most = 4;
constexpr std::size_t ops_least = 6;

std::size_t ops_of(const scenario::Scenario& scenario) {
  std::size_t ops = 0;
  for (const scenario::Task& task : scenario.tasks) ops += task.ops.size();
  return ops;
}

}  // namespace

Guide::Guide() : number_(reads_from_places) {}

bool Guide::is_rare(const Pair& pair) const { return pair.runs * rare_one_in < runs_; }

bool Guide::run_ends(const DrawnScenario& drawn, std::uint64_t points, std::uint64_t pairs, bool may_be_kept) {
  ++runs_;
  const std::size_t known_before = known_.size();
  std::shared_ptr<const Kept> kept;
  for (const std::uint32_t place : met_.first(pairs)) {
    met_.set[place / 64] = 0;
    if (number_[place] == 0) {
      pairs_.emplace_back();
      known_.push_back(place);
      number_[place] = static_cast<std::uint16_t>(known_.size());
    }
    Pair& pair = pairs_[number_[place] - 1];
    ++pair.runs;
    if (!may_be_kept || (pair.runs > 1 && !is_rare(pair))) continue;
    if (pair.shortest != nullptr && pair.shortest->points <= points) continue;
    if (kept == nullptr) kept = std::make_shared<const Kept>(Kept{drawn, points});
    pair.shortest = kept;
  }
  return known_.size() > known_before;
}

bool Guide::draw(std::uint64_t seed, DrawnScenario& drawn) {
  scenario::Random random(seed);
  if (runs_ < runs_before || !random.one_in(2)) return false;
  rare_.clear();
  for (Pair& pair : pairs_) {
    if (pair.shortest != nullptr && is_rare(pair)) rare_.push_back(&pair);
  }
  if (rare_.empty()) return false;
  Pair* chosen = rare_[random.below(rare_.size())];
  for (unsigned i = 1; i < pairs_asked; ++i) {
    Pair* other = rare_[random.below(rare_.size())];
    if (other->turns < chosen->turns) chosen = other;
  }
  ++chosen->turns;
  drawn = chosen->shortest->drawn;
  // Without a bound changes grow, and what they find is dearer than what random scenarios do.
  const std::size_t ops = std::max(ops_of(drawn.scenario), ops_least);
  for (unsigned i = random.between(1, changes_most); i > 0; --i) {
    scenario::apply(scenario::random_mutation(random), drawn.scenario, random);
  }
  scenario::trim(drawn.scenario, ops);
  return true;
}

}  // namespace rcufarm::harness
