#include "harness/sim/mutate_departures.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "harness/sim/sim_input.h"

namespace rcufarm::harness {

namespace {

using scenario::Random;
using sim::Departure;
using sim::DepartureKind;

constexpr unsigned gap_max = 0xffff;
constexpr unsigned gap_bits_max = 12;  // of a new gap: a few thousand points are a long program
constexpr unsigned picks_near = 4;     // most programs have few contexts that can go on
constexpr unsigned repeats_max = 4;
constexpr unsigned storm_max = 48;
constexpr unsigned storm_gap_bits_max = 6;

// As many bits as not: short gaps are as likely as long ones.
std::uint16_t random_gap(Random& random) {
  return static_cast<std::uint16_t>(random.below(std::uint64_t{1} << random.between(0, gap_bits_max)));
}

std::uint16_t far_gap(Random& random) {
  return static_cast<std::uint16_t>(random.below(std::uint64_t{1} << random.between(gap_bits_max - 4, gap_bits_max)));
}

std::uint8_t random_pick(DepartureKind kind, Random& random) {
  const unsigned most = random.one_in(4) ? sim::picks_of(kind) - 1 : picks_near;
  return static_cast<std::uint8_t>(random.between(1, most));
}

std::uint16_t clamped(std::int64_t gap) {
  return static_cast<std::uint16_t>(std::clamp<std::int64_t>(gap, 0, gap_max));
}

// The next one of the kind at or behind `from`; null: none.
Departure* next_of(Departures& departures, DepartureKind kind, std::size_t from) {
  for (std::size_t i = from; i < departures.size(); ++i) {
    if (departures[i].kind == kind) return &departures[i];
  }
  return nullptr;
}

// How often a new departure is of each kind. Under sequential consistency never of loads and places: a load has the newest
// store to read and no other, and a store no place but the end.
using KindWeights = std::array<unsigned, sim::departure_kinds>;
constexpr KindWeights kind_weights = {8, 4, 1, 0, 0};
constexpr KindWeights weak_kind_weights = {8, 4, 1, 6, 3};

// The index of a weight, as often as it is large.
template <std::size_t size>
std::size_t weighted(const std::array<unsigned, size>& weights, Random& random) {
  std::uint64_t left = random.below(std::accumulate(weights.begin(), weights.end(), 0U));
  std::size_t i = 0;
  while (left >= weights[i]) left -= weights[i++];
  return i;
}

// What follows of its kind stays where it is: the gap is taken from its gap.
bool add_one_of(const KindWeights& weights, Departures& departures, Random& random) {
  if (departures.size() >= departures_max) return false;
  const auto kind = static_cast<DepartureKind>(weighted(weights, random));
  const std::uint8_t pick = random_pick(kind, random);
  const std::size_t at = random.below(departures.size() + 1);
  Departure added{.kind = kind, .pick = pick, .gap = random_gap(random)};
  if (Departure* follower = next_of(departures, kind, at); follower != nullptr) {
    if (follower->gap > 0) added.gap = static_cast<std::uint16_t>(random.below(follower->gap));
    follower->gap = clamped(std::int64_t{follower->gap} - added.gap - 1);
  }
  departures.insert(departures.begin() + static_cast<std::ptrdiff_t>(at), added);
  return true;
}

bool add(Departures& departures, Random& random) { return add_one_of(kind_weights, departures, random); }

bool drop(Departures& departures, Random& random) {
  if (departures.empty()) return false;
  const std::size_t at = random.below(departures.size());
  const Departure gone = departures[at];
  departures.erase(departures.begin() + static_cast<std::ptrdiff_t>(at));
  if (Departure* follower = next_of(departures, gone.kind, at); follower != nullptr) {
    follower->gap = clamped(std::int64_t{follower->gap} + gone.gap + 1);
  }
  return true;
}

bool move(Departures& departures, Random& random) {
  if (departures.empty()) return false;
  const std::size_t at = random.below(departures.size());
  Departure& moved = departures[at];
  Departure* follower = next_of(departures, moved.kind, at + 1);
  const std::int64_t most = follower != nullptr ? std::min<std::int64_t>(moved.gap + follower->gap, gap_max) : gap_max;
  // Near, or anywhere up to the follower.
  const auto by = static_cast<std::int64_t>(random.few(gap_bits_max));
  const std::int64_t old = moved.gap;
  std::int64_t gap = random.one_in(2) ? old + by : old - by;
  if (random.one_in(4))
    gap = follower != nullptr ? static_cast<std::int64_t>(random.below(most + 1)) : random_gap(random);
  moved.gap = clamped(std::min(gap, most));
  if (follower != nullptr) follower->gap = clamped(follower->gap + old - moved.gap);
  return moved.gap != old;
}

bool turn(Departures& departures, Random& random) {
  if (departures.empty()) return false;
  Departure& turned = departures[random.below(departures.size())];
  const std::uint8_t old = turned.pick;
  turned.pick = random_pick(turned.kind, random);
  return turned.pick != old;
}

bool cut(Departures& departures, Random& random) {
  if (departures.empty()) return false;
  departures.resize(random.below(departures.size()));
  return true;
}

bool repeat(Departures& departures, Random& random) {
  if (departures.empty()) return false;
  const std::size_t count = std::min<std::size_t>(random.few(repeats_max), departures.size());
  if (departures.size() + count > departures_max) return false;
  const std::size_t from = random.below(departures.size() - count + 1);
  for (std::size_t i = 0; i < count; ++i) departures.push_back(Departure(departures[from + i]));
  return true;
}

// One departure added at a time seldom gets far into a program that is right nearly always. The stretch has a density of its
// own, and its departures can be dropped and moved one by one later.
bool storm(Departures& departures, Random& random) {
  const std::size_t room = departures_max - std::min(departures.size(), departures_max);
  const std::size_t count = std::min<std::size_t>(random.between(2, storm_max), room);
  const unsigned scale = 1U << random.between(0, storm_gap_bits_max);
  if (count == 0) return false;
  Departures stretch(count);
  for (Departure& d : stretch) {
    d.kind = random.one_in(4) ? DepartureKind::next : DepartureKind::preempt;
    d.pick = random_pick(d.kind, random);
    d.gap = static_cast<std::uint16_t>(random.below(scale));
  }
  // Most of a program lies far behind its beginning.
  if (!random.one_in(4)) stretch.front() = {.kind = DepartureKind::preempt, .pick = 1, .gap = far_gap(random)};
  const auto at = static_cast<std::ptrdiff_t>(random.below(departures.size() + 1));
  departures.insert(departures.begin() + at, stretch.begin(), stretch.end());
  return true;
}

struct Spec {
  DepartureMutation mutation;
  bool (*apply)(Departures&, Random&);
};

constexpr std::array<Spec, departure_mutation_count> specs{{
    {DepartureMutation::add, add},
    {DepartureMutation::drop, drop},
    {DepartureMutation::move, move},
    {DepartureMutation::turn, turn},
    {DepartureMutation::cut, cut},
    {DepartureMutation::repeat, repeat},
    {DepartureMutation::storm, storm},
}};
constexpr std::array<unsigned, departure_mutation_count> mutation_weights = {13, 5, 10, 4, 1, 2, 5};

constexpr bool table_is_in_order() {
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (static_cast<std::size_t>(specs[i].mutation) != i) return false;
  }
  return true;
}
static_assert(table_is_in_order(), "specs is indexed by DepartureMutation");

}  // namespace

bool apply(DepartureMutation mutation, Departures& departures, Random& random, bool weak) {
  if (weak && mutation == DepartureMutation::add) return add_one_of(weak_kind_weights, departures, random);
  return specs[static_cast<std::size_t>(mutation)].apply(departures, random);
}

DepartureMutation random_departure_mutation(Random& random) {
  return static_cast<DepartureMutation>(weighted(mutation_weights, random));
}

void splice_departures(Departures& departures, const Departures& other, Random& random) {
  departures.resize(random.below(departures.size() + 1));
  const std::size_t from = random.below(other.size() + 1);
  const std::size_t count = std::min(other.size() - from, departures_max - departures.size());
  const auto begin = other.begin() + static_cast<std::ptrdiff_t>(from);
  departures.insert(departures.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
}

}  // namespace rcufarm::harness
