// A session in words: progress lines, the summary, and the summary for programs.
//
// Job: text from values; prints nothing. No state.
#pragma once

#include <cstdint>
#include <string>

#include "session/figures.h"
#include "session/session.h"

namespace rcufarm::session {

// "1,234,567"
std::string with_commas(std::uint64_t number);

// One line for an engine at work, at most `columns` wide (0: as wide as it is).
std::string progress_line(const Progress& progress, const EngineSummary& engine, unsigned columns);

// What people read at the end: a table, the findings with the command that replays each, the troubles.
std::string summary_text(const Summary& summary);

// The same as JSON, for programs.
std::string summary_json(const Summary& summary);

// 0: nothing found; 1: findings; 2: some engine could not work, and nothing was found.
int exit_code(const Summary& summary);

}  // namespace rcufarm::session
