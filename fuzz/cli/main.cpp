// rcufarm: the command, linked once for each copy of the allocator. Which one that is, and of what it was made where it is not this
// project's, stands in a file of its own (rcufarm_add_build_name): nothing else is compiled anew for a name.
#include "cli/command.h"

extern "C" {
extern const char rcufarm_build_name[];
extern const char rcufarm_build_made_of[];
}

int main(int argc, char** argv) {
  const rcufarm::cli::Program program{.self = {},
                                      .build = rcufarm_build_name,
                                      .made_of = rcufarm_build_made_of,
                                      .allocator = &rcufarm::harness::linked_sim_allocator(),
                                      .names = &rcufarm::report::linked_allocator_names()};
  return rcufarm::cli::run_command(program, argc, argv);
}
