// Crashes of the code under test as findings.
//
// Job: an allocator that follows a broken pointer can make the process fault. In a run on the simulated machine that is a
// finding like any other: the run ends, with Kind::crash. Outside of a run the fault is our own bug, and goes to whoever
// had the signal before: a sanitizer, a fuzz engine, or the default action, which ends the process. Handlers are
// installed once, by the first call: a fuzz engine has put up its own by then. Any thread that runs a machine calls it
// first.
#pragma once

#include <cstdint>

namespace rcufarm::harness {

// Machine::stop()'s code for a fault.
inline constexpr std::uint64_t crash_code = 0xc4a54;

void catch_crashes_in_runs();
// Of the last fault in a run; null: there was none.
const void* faulting_instruction();
// The address that it was at; null, too, where it was at none that the processor has.
const void* faulting_address();
// Where a signal came, by the third argument of its handler.
const void* instruction_of(const void* context);

}  // namespace rcufarm::harness
