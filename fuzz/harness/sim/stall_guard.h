// Code under test that goes on for ever without a scheduling point.
//
// Job: a run is bounded by its points, and a loop that touches no shared memory has none. A timer of the running thread's CPU time looks
// whether the run has moved; where it has not for half a second of it, the run ends, with the calls that it stood in (frames.h).
// Nothing legal takes a hundredth of that between two points, and what the machine waits for takes no CPU time. Any thread that
// runs a machine calls watch_for_stalls() first.
#pragma once

namespace rcufarm::harness {

void watch_for_stalls();
// Of the calling thread, from here on: five times so long is a stall. For tests, which wait for many.
inline constexpr long usual_look_interval_ns = 100'000'000;
void look_for_stalls_each(long nanoseconds);
// A run begins: whatever the last one was at, this one has moved.
void note_run_begins();

}  // namespace rcufarm::harness
