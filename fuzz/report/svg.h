// A diagram as SVG: what goes onto a page.
//
// Job: one self-contained picture, no script and nothing loaded; light and dark by the reader's preference. Columns are rails, and
// a step's text begins at its rail: on a phone rails stand close, and text runs over those to its right; on a page each column has
// room for its text. Pure.
#pragma once

#include <string>

#include "report/diagram.h"

namespace rcufarm::report {

enum class SvgRoom : unsigned char { phone, page };
std::string to_svg(const Diagram& diagram, SvgRoom room = SvgRoom::phone);

}  // namespace rcufarm::report
