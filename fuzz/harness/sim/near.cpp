#include "harness/sim/near.h"

#include "harness/sim/perturb.h"

namespace rcufarm::harness {

bool NearStrategy::begin_run(std::uint64_t run) {
  if (run == 0) {
    replay_.follow(own_);
  } else {
    perturb(own_, random_, neighbour_);
    replay_.follow(neighbour_);
  }
  return replay_.begin_run(run);
}

}  // namespace rcufarm::harness
