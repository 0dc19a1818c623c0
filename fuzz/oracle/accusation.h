// What an oracle says when it has seen enough.
//
// Job: the value that goes from an oracle to whoever makes a finding of it. Strings are static or the run's.
#pragma once

#include <cstdint>

#include "machine/engine/events.h"
#include "oracle/kind.h"

namespace rcufarm::oracle {

// One step that had a part in it. `role` says which: "freed", "accessed", "queued", "called free_rcu", …
struct Role {
  const char* role = "";  // "" where a kind has fewer parties
  sim::Party party;
};
inline constexpr unsigned roles_max = 3;

struct Accusation {
  Kind kind = Kind::none;
  Role roles[roles_max] = {};  // in the order in which they happened
  std::uint32_t object = 0;    // the allocation it is about; 0: none
  std::uint32_t offset = 0;    // of the accused word in it
  // What tells one mistake from another within the kind: names of functions and calls, never addresses, lines or counts.
  // At most two; "" where there are fewer.
  const char* names[2] = {"", ""};
  // Where a bad pointer came from (provenance.h), which tells more than who followed it. "": nobody knows.
  const char* cause = "";
  const char* text = "";  // for people

  explicit operator bool() const { return kind != Kind::none; }
};

}  // namespace rcufarm::oracle
