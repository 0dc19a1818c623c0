// The mutator: see mutator.h.
#include "scenario/mutator.h"

#include <algorithm>
#include <vector>

#include "scenario/bytes.h"
#include "scenario/check.h"
#include "scenario/mutations.h"
#include "scenario/normalize.h"
#include "scenario/random.h"

namespace rcufarm::scenario {
namespace {

constexpr unsigned steps_max = 8;   // mutations of one call
constexpr unsigned tries_max = 16;  // until the scenario differs from what it was

constexpr std::size_t least_bytes = header_bytes + record_bytes;  // of an encoded scenario

// Scenario and tail into `out`, whichever of the two has to be shortened.
std::size_t write(Scenario& scenario, std::span<const std::byte> tail, std::span<std::byte> out) {
  const std::size_t room = out.size() > tail.size() ? out.size() - tail.size() : 0;
  trim(scenario, room > least_bytes ? (room - least_bytes) / record_bytes : 0);
  const std::vector<std::byte> bytes = encode(scenario);
  // With less room than a scenario takes, its beginning is one too: what is missing counts as 0.
  const std::size_t front = std::min(bytes.size(), out.size());
  const std::size_t back = std::min(tail.size(), out.size() - front);
  std::copy_n(bytes.begin(), front, out.begin());
  std::copy_n(tail.begin(), back, out.begin() + static_cast<std::ptrdiff_t>(front));
  return front + back;
}

void change(Scenario& scenario, Random& random) {
  const Scenario old = scenario;
  for (unsigned n = 0; n < tries_max; ++n) {
    for (unsigned steps = random.few(steps_max); steps > 0; --steps) apply(random_mutation(random), scenario, random);
    if (!(scenario == old)) return;
  }
}

std::vector<std::byte> tail_of(std::span<const std::byte> input, std::size_t consumed) {
  const auto tail = input.subspan(consumed);
  return {tail.begin(), tail.end()};
}

}  // namespace

std::size_t mutate(std::span<std::byte> data, std::size_t size, std::size_t max_size, std::uint64_t seed) {
  check(size <= data.size(), "mutate: the input is longer than its buffer");
  Random random(seed);
  const auto input = std::span<const std::byte>(data.first(size));
  Decoded decoded = decode(input);
  const std::vector<std::byte> tail = tail_of(input, decoded.consumed);
  change(decoded.scenario, random);
  return write(decoded.scenario, tail, data.first(std::min(data.size(), max_size)));
}

std::size_t crossover(std::span<const std::byte> a, std::span<const std::byte> b, std::span<std::byte> out,
                      std::uint64_t seed) {
  Random random(seed);
  Decoded child = decode(a);
  splice(child.scenario, decode(b).scenario, random);
  return write(child.scenario, a.subspan(child.consumed), out);
}

}  // namespace rcufarm::scenario
