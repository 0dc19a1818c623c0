// Memory for code from elsewhere: malloc's and mmap's, as objects of the machine, of which every byte is there.
//
// Job: allocate and free with any alignment; each a scheduling point, and an event that oracles see. In a run.
#pragma once

#include <cstddef>

#include "sim_port/site.h"

namespace rcufarm::hooks {

// Null: the run lets the allocation fail. `alignment` is a power of two.
void* heap_alloc(std::size_t bytes, std::size_t alignment, const sim::Site& site);
void heap_free(void* block, const sim::Site& site);  // null: nothing
// Of a block that is alive, as it was asked for.
std::size_t heap_bytes(const void* block, const sim::Site& site);

}  // namespace rcufarm::hooks
