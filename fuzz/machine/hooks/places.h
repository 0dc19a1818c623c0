// Where in the source of the code under test an instruction comes from.
//
// Job: from a return address to the place that the compiler's debug information names for it, each looked up once in the
// process' life. What a shim's own headers bring in (a loop of a list macro is not one: a macro has the line of its use)
// counts as the place that it was inlined into. The machine's thread.
#pragma once

#include "sim_port/site.h"

namespace rcufarm::hooks {

// The call that returns there. A place without debug information is "unknown", and tells nothing but that.
const sim::Site& place_of(const void* return_address);

}  // namespace rcufarm::hooks
