// The command, from its arguments to its exit code.
//
// Job: parse, pick the build, hand over to a verb.
#pragma once

#include "cli/program.h"

namespace rcufarm::cli {

// `program` without `self`, which is looked up. Returns an ExitCode.
int run_command(Program program, int argc, char** argv);

}  // namespace rcufarm::cli
