// The calls that a run stood in when a signal ended it.
//
// Job: for stall_guard.cpp and crash_guard.cpp, whose handlers note them; the thread's own.
#pragma once

#include <span>

namespace rcufarm::harness {

// Once, before a handler may: the first call loads a library.
void prepare_frames();
// The run's own, from the interrupted instruction on. In a handler, on a stack of its own. A stack that cannot be walked has that one alone.
void note_frames(const void* instruction);
void forget_frames();
// Return addresses, the innermost first.
std::span<const void* const> frames_noted();

}  // namespace rcufarm::harness
