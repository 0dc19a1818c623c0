// Choices besides who goes on.
//
// Job: name their kinds. The machine asks with a kind and a number of options; option 0 is always the plain one, which the
// plain order takes, and an answer other than that is a departure from it. Whatever searches, replays, encodes or shrinks
// schedules goes by kind and number, so a new kind of choice needs a line in the tables that map kinds and nothing else.
#pragma once

#include <cstdint>

namespace rcufarm::sim {

enum class ChoiceKind : std::uint8_t {
  allocation,  // 1: it fails
  load,        // k: it reads the k-th store before the newest
  place,  // of a store among those to its word, of a free among the accesses to its memory. k: before the k newest ones
};
inline constexpr unsigned choice_kinds = 3;

}  // namespace rcufarm::sim
