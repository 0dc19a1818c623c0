// Shrinking a schedule: fewer departures from the plain order, fewer context switches.
//
// Job: passes over the deviations of the best case; the scenario stays.
#pragma once

#include "harness/sim/attempt.h"

namespace rcufarm::harness {

// Drops deviations, in halves and smaller and smaller pieces down to one (Zeller and Hildebrandt's ddmin).
void drop_deviations(Attempts& attempts);
// To the fewest switches: drops pairs, moves departures to calls' beginnings, takes options nearer to the plain one, and
// looks for other schedules with few preemptions. True: it became smaller.
bool drop_switches(Attempts& attempts);

// Every schedule of the scenario with few preemptions: the fewest switches that there are, if there is time for all.
void fewest_switches(Attempts& attempts);

}  // namespace rcufarm::harness
