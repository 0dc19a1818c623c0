// What the command prints for machines.
//
// Job: JSON values from values. Every number in it has its unit in its name, or counts something.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/sim/explore.h"
#include "harness/sim/minimize.h"
#include "harness/sim/strongest.h"
#include "report/diagram.h"

namespace rcufarm::cli {

nlohmann::json json_of(const harness::ExploreFigures& figures);
nlohmann::json json_of(const harness::MinimizeFigures& figures);
nlohmann::json json_of(const std::vector<harness::NotShown>& not_shown);
nlohmann::json json_of(const harness::SimFinding& finding);
nlohmann::json json_of(const report::Diagram& diagram);  // its lines of text
// On stdout, with a newline. Strings may hold any bytes; what is no UTF-8 is replaced.
void print_json(const nlohmann::json& value);

}  // namespace rcufarm::cli
