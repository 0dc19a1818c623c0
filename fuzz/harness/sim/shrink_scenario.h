// Shrinking a scenario: fewer tasks, programs, operations, caches, CPUs and slots, and plainer settings.
//
// Job: passes over the scenario of the best case; deviations are moved along with what they are anchored at, and where that
// is not enough, another schedule is looked for.
#pragma once

#include "harness/sim/attempt.h"

namespace rcufarm::harness {

// How many other schedules an edit gets in which to fail. Most edits need none, so that is tried for all of them first.
// `anywhere` gives the failing schedule up and takes what fails under others as well: such a program is easy to shrink,
// and its schedule is shrunk later.
enum class Effort : std::uint8_t { anywhere, replay_only, some, much };

// Can the best case be shrunk with Effort::anywhere: does it fail often enough under other schedules? Takes so many points at most.
bool fails_anywhere(Attempts& attempts, std::uint64_t points);
// The same of random parts of its program: where the whole program hardly ever fails, some part may well.
bool fails_in_part(Attempts& attempts, std::uint64_t points);

// True: it became smaller.
bool drop_lists(Attempts& attempts, Effort effort);       // whole tasks and programs
bool drop_operations(Attempts& attempts, Effort effort);  // in pieces, down to one
bool plainer_machine(Attempts& attempts, Effort effort);  // caches, CPUs, slots, settings

}  // namespace rcufarm::harness
