// What the end of a worker means: a finding, or the machine's doing.
//
// Job: from a record, a wait status and what others than our programs printed (sanitizers, libFuzzer, the C library), tell
// findings from memory, time, disk and missing preconditions. No state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/record.h"

namespace rcufarm::stress {

// Why a worker ended before its time; the labels of worker_restarts_total{reason}.
enum class Ended : std::uint8_t {
  fine,      // it did what it had to
  finding,   // it met something wrong; see its sightings
  exit,      // by itself, and nobody knows why
  crash,     // by a signal, and nobody knows why
  hang,      // killed: too late
  oom,       // killed for its memory, by us or by the system
  timeout,   // one input took too long
  resource,  // disk, memory, files: the machine's
  missing,   // a precondition of a sanitizer is not there: no use to try again soon
};
const char* name_of(Ended ended);

// Does something say that the program under test is wrong: its record (one that cannot be read, too), a sanitizer in the text,
// or the native kernel, which may die in a signal handler, where no record can be written?
bool accuses(const harness::Received& received, std::string_view text);

// Of an end that no sighting explains.
Ended verdict_on(int status, std::string_view text);

}  // namespace rcufarm::stress
