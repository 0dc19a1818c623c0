// What the machine knows of an allocation.
//
// Job: a plain value, for hosts and oracles. No state.
#pragma once

#include <cstdint>

#include "machine/engine/events.h"

namespace rcufarm::sim {

// An allocation of the run, alive or freed.
struct ObjectInfo {
  // heap: of code with types of its own, backed as a whole. part: of a heap object, handed out by the code under test.
  enum class Kind : std::uint8_t { slab, percpu, caches, heap, part };
  Kind kind{};
  bool alive = false;
  std::uint32_t serial = 0;
  const void* address = nullptr;
  std::uint64_t bytes = 0;  // asked for
  std::uint64_t ksize = 0;
  Party allocated;
  Party freed;
};

// Not an instance for each CPU.
constexpr bool is_one_piece(ObjectInfo::Kind kind) {
  return kind == ObjectInfo::Kind::slab || kind == ObjectInfo::Kind::heap;
}

}  // namespace rcufarm::sim
