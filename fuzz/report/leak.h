// Which list lost an object.
//
// Job: from a recording of a leak to what its record says of it. Pure.
#pragma once

#include "harness/finding.h"
#include "report/names.h"

namespace rcufarm::report {

// `object`: the accused allocation; 0: none.
harness::Leak leak_of(const Recording& recording, std::uint32_t object, const AllocatorNames& names);

}  // namespace rcufarm::report
