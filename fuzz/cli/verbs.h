// The verbs of the command.
//
// Job: one function each; it prints to stdout, complains to stderr, and says the exit code.
#pragma once

#include "cli/options.h"
#include "cli/program.h"

namespace rcufarm::cli {

int explore_verb(const Program& program, const Options& options);
int replay_verb(const Program& program, const Options& options);
int minimize_verb(const Program& program, const Options& options);
int show_verb(const Options& options);
int asm_verb(const Options& options);
int defects_verb(const Program& program, const Options& options);
int prove_verb(const Program& program, const Options& options);
int litmus_verb(const Options& options);

}  // namespace rcufarm::cli
