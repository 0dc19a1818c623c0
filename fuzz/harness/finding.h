// What a run says: findings, and how much was run.
//
// Job: the values that a run gives to whoever asked for it. No state. Shared by the native and the simulated harness.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "oracle/kind.h"

namespace rcufarm::harness {

struct Finding {
  oracle::Kind kind = oracle::Kind::none;
  // Kind and the names involved; no addresses, counts or line numbers, so that one mistake has one signature.
  std::string signature;
  // What happened, for people.
  std::string detail;
};

struct Outcome {
  std::vector<Finding> findings;
  std::uint64_t operations = 0;  // that ran
  std::uint64_t skipped = 0;     // that were illegal when their turn came
  std::uint64_t objects = 0;     // handed out
};

// Lines as people read them: one finding after another.
std::string describe(const Outcome& outcome);

}  // namespace rcufarm::harness
