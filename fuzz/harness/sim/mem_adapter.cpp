#include "harness/sim/mem_adapter.h"

namespace rcufarm::harness {

const SimAllocator& linked_sim_allocator() { return mem_adapter::table; }

}  // namespace rcufarm::harness
