#include "harness/sim/sim_mutator.h"

#include <algorithm>

#include "harness/sim/draw.h"
#include "harness/sim/mutate_departures.h"
#include "harness/sim/sim_input.h"
#include "scenario/check.h"
#include "scenario/mutations.h"
#include "scenario/normalize.h"

namespace rcufarm::harness {

namespace {

using scenario::Random;

constexpr unsigned steps_max = 8;   // mutations of one part in one call
constexpr unsigned tries_max = 16;  // until the part differs from what it was
constexpr unsigned config_one_in = 16;
constexpr unsigned walk_one_in = 8;
// Calls that begin anew. Without, all that an engine keeps comes to descend from the few inputs that were kept first, and
// has their machine: one CPU, say.
constexpr unsigned fresh_one_in = 16;
constexpr unsigned weak_one_in = 4;  // of new configs

void change_scenario(scenario::Scenario& scenario, Random& random) {
  const scenario::Scenario old = scenario;
  for (unsigned n = 0; n < tries_max && scenario == old; ++n) {
    for (unsigned steps = random.few(steps_max); steps > 0; --steps) {
      scenario::apply(scenario::random_mutation(random), scenario, random);
    }
  }
}

void change_departures(SimInput& input, Random& random) {
  Departures& departures = input.departures;
  const Departures old = departures;
  const bool weak = config_of(input).model != sim::MemoryModel::sc;
  for (unsigned n = 0; n < tries_max && departures == old; ++n) {
    for (unsigned steps = random.few(steps_max); steps > 0; --steps) {
      apply(random_departure_mutation(random), departures, random, weak);
    }
  }
}

std::uint8_t config_byte_for(const DrawnScenario& drawn, Random& random) {
  SimConfig config = drawn.config;
  if (random.one_in(weak_one_in)) {
    config.model = random.one_in(2) ? sim::MemoryModel::kernel : sim::MemoryModel::c11;
  }
  return config_byte_of(config);
}

// One half has none.
std::uint8_t random_walk(Random& random) {
  return static_cast<std::uint8_t>(random.one_in(2) ? 0 : random.between(1, 255));
}

// What the explorer would draw, under a schedule of its own.
void begin_anew(SimInput& input, Random& random) {
  const DrawnScenario drawn = draw_scenario(random.next());
  input.scenario = drawn.scenario;
  input.config = config_byte_for(drawn, random);
  input.departures.clear();
  input.walk = random_walk(random);
  if (input.walk == 0 || random.one_in(2)) apply(DepartureMutation::storm, input.departures, random);
}

void change(SimInput& input, Random& random) {
  // Schedules first of all: one scenario has very many of them.
  const std::uint64_t part = random.below(8);
  if (part < 6) change_departures(input, random);
  if (part >= 5) change_scenario(input.scenario, random);
  if (random.one_in(walk_one_in)) input.walk = random_walk(random);
  if (random.one_in(config_one_in)) input.config = config_byte_for(draw_scenario(random.next()), random);
}

void make_room(SimInput& input, std::size_t room) {
  const std::size_t bytes = encoded_bytes(input);
  if (bytes <= room) return;
  const std::size_t over = (bytes - room + sim::departure_bytes - 1) / sim::departure_bytes;
  input.departures.resize(input.departures.size() - std::min(over, input.departures.size()));
  const std::size_t left = encoded_bytes(input);
  if (left <= room) return;
  const std::size_t ops = scenario::total_ops(input.scenario);
  const std::size_t gone = (left - room + scenario::record_bytes - 1) / scenario::record_bytes;
  scenario::trim(input.scenario, ops - std::min(gone, ops));
}

std::size_t write(SimInput& input, std::span<std::byte> out) {
  make_room(input, out.size());
  const std::vector<std::byte> bytes = encode_input(input);
  // With less room than the shortest input takes, its beginning is one too: what is missing counts as 0.
  const std::size_t size = std::min(bytes.size(), out.size());
  std::copy_n(bytes.begin(), size, out.begin());
  return size;
}

}  // namespace

std::size_t mutate_input(std::span<std::byte> data, std::size_t size, std::size_t max_size, std::uint64_t seed) {
  scenario::check(size <= data.size(), "mutate_input: the input is longer than its buffer");
  Random random(seed);
  SimInput input;
  decode_input(data.first(size), input);
  random.one_in(fresh_one_in) ? begin_anew(input, random) : change(input, random);
  return write(input, data.first(std::min(data.size(), max_size)));
}

std::size_t cross_inputs(std::span<const std::byte> a, std::span<const std::byte> b, std::span<std::byte> out,
                         std::uint64_t seed) {
  Random random(seed);
  SimInput child;
  SimInput other;
  decode_input(a, child);
  decode_input(b, other);
  const bool schedule_too = random.one_in(2);
  if (schedule_too) splice_departures(child.departures, other.departures, random);
  if (!schedule_too || random.one_in(2)) scenario::splice(child.scenario, other.scenario, random);
  return write(child, out);
}

}  // namespace rcufarm::harness
