// rcufarm: the command, compiled once for each copy of the allocator; RCUFARM_BUILD_NAME says which one that is, and
// RCUFARM_BUILD_MADE_OF of what, where that is not this project's.
#include "cli/command.h"

#ifndef RCUFARM_BUILD_MADE_OF
#define RCUFARM_BUILD_MADE_OF ""
#endif

int main(int argc, char** argv) {
  const rcufarm::cli::Program program{.self = {},
                                      .build = RCUFARM_BUILD_NAME,
                                      .made_of = RCUFARM_BUILD_MADE_OF,
                                      .allocator = &rcufarm::harness::linked_sim_allocator(),
                                      .names = &rcufarm::report::linked_allocator_names()};
  return rcufarm::cli::run_command(program, argc, argv);
}
