// A child program whose output is read whole.
//
// Job: run a program, wait for it with a limit of time, and hand over what it printed. One at a time per call; blocks.
#pragma once

#include <string>
#include <vector>

namespace rcufarm::cli {

struct ChildOutput {
  int exit_code = -1;   // -1: it did not exit by itself
  std::string out;      // its stdout, at most child_output_max bytes
  std::string trouble;  // "" or why there is no result: not started, out of time, killed by a signal
};
inline constexpr std::size_t child_output_max = std::size_t{16} << 20U;

// arguments[0] is the program's path. stderr is ours.
ChildOutput run_child(const std::vector<std::string>& arguments, double seconds_max);

}  // namespace rcufarm::cli
