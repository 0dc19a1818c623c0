#include "scenario/engine_mutator.h"

#include "scenario/bytes.h"
#include "scenario/mutator.h"

namespace rcufarm::scenario {

const Mutator engine_mutator{&mutate, &crossover, encoded_bytes_max};

}  // namespace rcufarm::scenario
