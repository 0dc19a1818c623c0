#include "session/engine.h"

#include <array>
#include <cstdlib>

namespace rcufarm::session {

std::vector<std::pair<std::string, std::string>> sanitizer_environment() {
  constexpr std::array<std::array<const char*, 2>, 2> defaults{{
      {"TSAN_OPTIONS", "halt_on_error=1:second_deadlock_stack=1"},
      {"UBSAN_OPTIONS", "print_stacktrace=1"},
  }};
  std::vector<std::pair<std::string, std::string>> set;
  for (const auto& [name, value] : defaults) {
    if (std::getenv(name) == nullptr) set.emplace_back(name, value);
  }
  return set;
}

}  // namespace rcufarm::session
