// Mutations of a schedule: departures are added, dropped, moved and turned.
//
// Job: one step each, and a draw among them. A step that changes where one departure comes leaves the others of its kind
// where they are, as far as gaps allow. Each returns whether there was something to change. No state.
#pragma once

#include <cstddef>
#include <vector>

#include "machine/engine/departures.h"
#include "scenario/random.h"

namespace rcufarm::harness {

using Departures = std::vector<sim::Departure>;

enum class DepartureMutation : std::uint8_t {
  add,  // one more, of any kind that can change a run
  drop,
  move,
  turn,    // another choice at the same place
  cut,     // the end, from a random place on
  repeat,  // a few departures once more, at the end
  storm,   // many preemptions in a row: a stretch of a random walk
};
inline constexpr std::size_t departure_mutation_count = 7;

// `weak`: under a memory model in which a load may read an older store, and a store go before others.
bool apply(DepartureMutation mutation, Departures& departures, scenario::Random& random, bool weak = false);
DepartureMutation random_departure_mutation(scenario::Random& random);

// Our beginning and their end.
void splice_departures(Departures& departures, const Departures& other, scenario::Random& random);

}  // namespace rcufarm::harness
