// Bugs of ours, and wrong use by a host, end the program with a text.
//
// Job: one function. Never for what a program under simulation does: that is a violation of the run.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace rcufarm::sim {

[[noreturn, gnu::cold]] inline void fail(const char* text) {
  std::fprintf(stderr, "rcufarm simulator: %s\n", text);
  std::abort();
}

inline void check(bool condition, const char* text) {
  if (!condition) [[unlikely]]
    fail(text);
}

}  // namespace rcufarm::sim
