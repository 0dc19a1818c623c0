// A large array of zeros of which little is used.
//
// Job: what a search never touches costs it no page. Of types whose zero bytes are a value, and that nobody has to destroy.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <memory>
#include <type_traits>

#include "machine/engine/check.h"

namespace rcufarm::sim {

struct UnmapZeroPages {
  std::size_t bytes = 0;
  void operator()(void* memory) const { munmap(memory, bytes); }
};
template <class T>
using ZeroPages = std::unique_ptr<T[], UnmapZeroPages>;

// Not of calloc: what that takes from the heap it writes, all of it.
template <class T>
ZeroPages<T> zero_pages(std::size_t count) {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
  const std::size_t bytes = count * sizeof(T);
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  check(memory != MAP_FAILED, "there is no memory for the simulator: give the process more address space (ulimit -v)");
  return ZeroPages<T>(static_cast<T*>(memory), UnmapZeroPages{bytes});
}

}  // namespace rcufarm::sim
