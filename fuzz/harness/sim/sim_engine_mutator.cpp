#include "harness/sim/sim_input.h"
#include "harness/sim/sim_mutator.h"
#include "scenario/engine_mutator.h"

namespace rcufarm::scenario {

const Mutator engine_mutator{&harness::mutate_input, &harness::cross_inputs, harness::encoded_bytes_max};

}  // namespace rcufarm::scenario
