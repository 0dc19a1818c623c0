// check: our own mistakes end the program with a text; bad input never comes here.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace rcufarm::scenario {

inline void check(bool holds, const char* text) {
  if (holds) return;
  std::fprintf(stderr, "rcufarm scenario: broken invariant: %s\n", text);
  std::abort();
}

}  // namespace rcufarm::scenario
