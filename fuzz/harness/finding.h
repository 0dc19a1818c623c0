// What a run says: findings, and how much was run.
//
// Job: the values that a run gives to whoever asked for it. No state. Shared by the native and the simulated harness, and by
// who reads their records (record.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "oracle/kind.h"

namespace rcufarm::harness {

// What was not given back.
struct Leak {
  std::uint64_t objects = 1;
  std::uint64_t bytes = 0;  // 0: not known
  std::string list{};       // the field of a cache that the object was on last; "": not known
};

struct Finding {
  oracle::Kind kind = oracle::Kind::none;
  // Kind and the names involved; no addresses, counts or line numbers, so that one mistake has one signature.
  std::string signature{};
  // What happened, for people.
  std::string detail{};
  std::optional<Leak> leak{};  // of kind leak
  // Of a search or of replays.
  std::uint64_t seen = 1;  // runs that showed it
  double seconds = 0;      // from the beginning of the search
  std::string file{};      // that replays it; "": there is none
  std::string diagram{};   // the interleaving, for people; "": it was not drawn
};

struct Outcome {
  std::vector<Finding> findings;
  std::uint64_t operations = 0;  // that ran
  std::uint64_t skipped = 0;     // that were illegal when their turn came
  std::uint64_t objects = 0;     // handed out
};

// Lines for people: one finding after another.
std::string describe(const std::vector<Finding>& findings);

}  // namespace rcufarm::harness
