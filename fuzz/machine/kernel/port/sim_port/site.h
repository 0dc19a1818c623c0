// Where in the source an operation stands.
//
// Job: the one type that carries a place from the port's methods to the machine. A port's method has a defaulted
// parameter `const Site& site = Site::here()`, so that code built on the port names its places without saying so. The
// strings are the compiler's own and live as long as the program. Anyone may use it; no state.
#pragma once

#include <cstdint>

namespace rcufarm::sim {

struct Site {
  const char* file = "";
  const char* function = "";  // the bare name, equal on gcc and clang; `operator()` in a lambda
  std::uint32_t line = 0;     // for people; never part of a signature or a digest

  // Evaluated where the outermost default argument is used. (std::source_location does the same, but its function
  // names differ from compiler to compiler, and clang 14 lacks it.)
  static constexpr Site here(const char* file = __builtin_FILE(), const char* function = __builtin_FUNCTION(),
                             std::uint32_t line = __builtin_LINE()) {
    return Site{file, function, line};
  }
};

}  // namespace rcufarm::sim
