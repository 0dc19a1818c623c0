// Oracle: at rest, what an allocator counts is what there is.
//
// Job: compare. Who looks (fuzz/harness/sim/inspect.h) says what both numbers are; numbers that an adapter does not give are
// not looked at. No state. A wrong count is no statistic alone: watermarks, trimming and memory limits go by it.
#pragma once

#include "oracle/parties.h"
#include "oracle/user_event.h"
#include "oracle/verdict.h"

namespace rcufarm::oracle {

inline void accuse_wrong_count(const UserEvent& u, Verdict& verdict) {
  if (u.value == u.bytes) return;
  verdict.accuse({.kind = Kind::wrong_count,
                  .roles = {{"looked", party_of(u)}},
                  .names = {u.text},
                  .text = "nobody was using the allocator, and no callback was in flight"});
}

}  // namespace rcufarm::oracle
