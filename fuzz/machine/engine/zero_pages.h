// A large array of zeros of which little is used.
//
// Job: what a search never touches costs it no page. Of types whose zero bytes are a value, and that nobody has to destroy.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <type_traits>

#include "machine/engine/check.h"

namespace rcufarm::sim {

struct FreeZeroPages {
  void operator()(void* memory) const { std::free(memory); }
};
template <class T>
using ZeroPages = std::unique_ptr<T[], FreeZeroPages>;

template <class T>
ZeroPages<T> zero_pages(std::size_t count) {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
  auto* memory = static_cast<T*>(std::calloc(count, sizeof(T)));
  check(memory != nullptr || count == 0, "there is no memory for the simulator: give the process more");
  return ZeroPages<T>(memory);
}

}  // namespace rcufarm::sim
