// Parties of events: who, where and when, in the form that accusations have.
//
// Job: two conversions. Pure.
#pragma once

#include "machine/engine/events.h"
#include "oracle/user_event.h"

namespace rcufarm::oracle {

inline sim::Party party_of(const sim::Event& e) {
  return {.context = e.context, .cpu = e.cpu, .op = e.op, .step = e.step, .site = e.site};
}

// A user's step stands in the scenario: the site's line is the operation's index.
inline sim::Party party_of(const UserEvent& e) {
  return {.context = e.context,
          .cpu = e.cpu,
          .op = sim::Op::call,
          .step = e.step,
          .site = {.file = "scenario", .function = name_of(e.call), .line = e.operation}};
}

}  // namespace rcufarm::oracle
