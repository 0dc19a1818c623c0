// rcufarm: the command, compiled once for each copy of the allocator; RCUFARM_BUILD_NAME says which one that is.
#include "cli/command.h"

int main(int argc, char** argv) {
  const rcufarm::cli::Program program{.self = {},
                                      .build = RCUFARM_BUILD_NAME,
                                      .allocator = &rcufarm::harness::linked_sim_allocator(),
                                      .names = &rcufarm::report::linked_allocator_names()};
  return rcufarm::cli::run_command(program, argc, argv);
}
