#include "harness/sim/perturb.h"

#include <algorithm>

namespace rcufarm::harness {

namespace {

using sim::Deviation;

constexpr unsigned shift_points_max = 4;

// Each draw changes few entries, whatever the list's length: about three.
bool one_of_three(sim::Random& random, std::size_t length) {
  return random.below(std::max<std::uint64_t>(length, 3)) < 3;
}

std::uint32_t shifted(std::uint32_t value, sim::Random& random, unsigned by_max) {
  const auto by = static_cast<std::uint32_t>(1 + random.below(by_max));
  return random.below(2) == 0 ? value + by : value - std::min(value, by);
}

}  // namespace

void perturb(std::span<const Deviation> deviations, sim::Random& random, std::vector<Deviation>& out) {
  out.clear();
  for (const Deviation& original : deviations) {
    Deviation d = original;
    if (one_of_three(random, deviations.size())) {
      switch (random.below(4)) {
        case 0: continue;  // not needed any more
        case 1: d.event = shifted(d.event, random, 1); break;
        default:
          if (d.value != 0 && random.below(2) == 0) {
            d.value = std::max(shifted(d.value, random, 1), 1U);
          } else {
            d.points = shifted(d.points, random, shift_points_max);
          }
          break;
      }
    }
    out.push_back(d);
  }
}

}  // namespace rcufarm::harness
