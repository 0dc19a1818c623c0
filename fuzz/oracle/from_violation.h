// From what the machine found to an accusation.
//
// Job: give each violation of the machine its kind, and the names that tell mistakes apart. Pure, but for the books that
// it asks.
#pragma once

#include "machine/engine/events.h"
#include "oracle/accusation.h"
#include "oracle/object_books.h"
#include "oracle/sections.h"

namespace rcufarm::oracle {

// The host's code for a program that went on without a scheduling point.
inline constexpr std::uint64_t stall_code = 0x57a11;

// Not of ViolationKind::none. Of ViolationKind::host: a fault of the process, or a stall; what oracles accuse is theirs to say.
Accusation from_violation(const sim::Violation& violation, ObjectBooks& objects, const Sections& sections);

}  // namespace rcufarm::oracle
