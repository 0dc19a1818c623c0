// The words of a finding: the kernel's, or those of user space.
//
// Job: oracles write as the kernel's allocators have it (slab, free_rcu). An allocator of user space has malloc and free_deferred: its
// findings are told so, in signatures, too. Pure.
#pragma once

#include "oracle/accusation.h"

namespace rcufarm::oracle {

// One line for people: what the kind means.
const char* meaning_in_user_space(Kind kind);
// Its names, roles and text.
void say_in_user_space(Accusation& accusation);

}  // namespace rcufarm::oracle
