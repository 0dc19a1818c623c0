// The table of FIGURES.md.
//
// Job: results to markdown: medians, ranges, ratios, and whether each target was reached. What was not measured or
// failed is shown as such. Pure.
#pragma once

#include <string>

#include "bench/results.h"

namespace rcufarm::bench {

std::string table_of(const Results& results);

}  // namespace rcufarm::bench
