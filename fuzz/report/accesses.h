// What an access does to its word, as far as a diagram asks.
//
// Job: questions about one step that is an access. Pure.
#pragma once

#include <cstdint>
#include <utility>

#include "report/names.h"
#include "report/step.h"

namespace rcufarm::report {

// A word, whether an allocation is around it or none.
using Word = std::pair<std::uint64_t, std::uint64_t>;
Word word_of(const Step& s);

// A word of the harness', which plays the user, is none of the program's.
bool is_of_program(const Step& s, const Namer& namer);

bool is_plain(const Step& s);
bool is_atomic(const Step& s);
bool writes(const Step& s);
// A load, and what reads as well as it writes. Adding to a list and plain stores look at nothing that others decide.
bool reads(const Step& s);

}  // namespace rcufarm::report
