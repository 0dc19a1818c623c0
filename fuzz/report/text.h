// A diagram as plain text: what goes into a mail.
//
// Job: lay a diagram out in at most `columns` columns. A step starts at its column and may run over the ones to its
// right, which are idle on that line. ASCII only. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "report/diagram.h"

namespace rcufarm::report {

inline constexpr std::size_t text_columns = 100;

// Ends with a newline.
std::string to_text(const Diagram& diagram, std::size_t columns = text_columns);

// Breaks a text at blanks so that each line has at most `width` characters; a longer word is cut. Never empty.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

}  // namespace rcufarm::report
