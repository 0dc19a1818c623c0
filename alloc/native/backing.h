// Where the slab's memory comes from.
//
// Job: one shape for malloc, mimalloc and the machine's own arena. A Slab owns one. Any thread, outside nmi.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "native/slab_config.h"

namespace rcufarm::native {

class MemorySource {
 public:
  virtual ~MemorySource() = default;
  // Aligned to 16 bytes or more (alignment: a power of two up to 128). Null: out of memory.
  virtual void* allocate(std::size_t bytes, std::size_t alignment) noexcept = 0;
  // `bytes` and `alignment` as they were given to allocate().
  virtual void release(void* block, std::size_t bytes, std::size_t alignment) noexcept = 0;
};

// What keeps it from being used here, and what to do; empty if nothing does.
std::string problem_with(Backing backing);

// problem_with() has to be empty.
std::unique_ptr<MemorySource> make_source(Backing backing);

// arena.cpp
std::unique_ptr<MemorySource> make_arena();

}  // namespace rcufarm::native
