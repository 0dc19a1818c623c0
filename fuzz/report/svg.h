// A diagram as SVG: what goes onto a page.
//
// Job: one self-contained picture, no script and nothing loaded; light and dark by the reader's preference; narrow
// enough for a phone: columns are rails, and a step's text begins at its rail. Pure.
#pragma once

#include <string>

#include "report/diagram.h"

namespace rcufarm::report {

std::string to_svg(const Diagram& diagram);

}  // namespace rcufarm::report
