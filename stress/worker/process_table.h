// All processes of this machine at one moment, from /proc.
//
// Job: the memory of a worker with all its children, and who they are. A snapshot; no state of its own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "session/process_tree.h"

namespace rcufarm::stress {

class ProcessTable {
 public:
  static ProcessTable now();

  std::uint64_t resident_bytes(pid_t root) const;
  std::vector<pid_t> children(pid_t parent) const;
  // Root first.
  std::vector<pid_t> tree(pid_t root) const;

 private:
  std::vector<session::ProcessLine> lines_;
};

// Marks a farm's processes: the value of an environment variable that they all inherit.
inline constexpr const char* farm_variable = "RCUFARM_FARM_STATE";

// Kills what an earlier farm on this state folder has left running; gives how many.
unsigned kill_left_over(const std::filesystem::path& state);

// Where every thread of these processes is: by gdb if it is there and may, else from /proc. Takes seconds, and no longer
// than a few.
std::string stacks_of(const std::vector<pid_t>& processes);

}  // namespace rcufarm::stress
