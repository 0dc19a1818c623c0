// What the end of a worker means: a finding, or the machine's doing.
//
// Job: read a report and a wait status, and tell findings from memory, time, disk and missing preconditions. No state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "oracle/kind.h"

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

// leak of "leak: slab_alloc", asan of "AddressSanitizer: …"; crash for what is not known.
oracle::Kind kind_of_signature(std::string_view signature);

// Does the text say that something is wrong with the program under test?
bool is_report(std::string_view text);

// Of an end that no sighting explains.
Ended verdict_on(int status, std::string_view text);

}  // namespace rcufarm::stress
