// Drawing an execution of a litmus test.
//
// Job: from an execution to a diagram with a column for each process. Pure.
#pragma once

#include <string>

#include "litmus/explore.h"
#include "litmus/interpret.h"
#include "report/diagram.h"

namespace rcufarm::cli {

report::Diagram draw(const litmus::Execution& execution, const litmus::LitmusProgram& program, std::string title);

}  // namespace rcufarm::cli
