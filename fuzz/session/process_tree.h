// Who started whom, from /proc.
//
// Job: find the processes below one of ours. afl-fuzz puts its fork server into a session of its own, so a process group
// does not reach it. No state.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace rcufarm::session {

struct ProcessLine {
  pid_t pid = 0;
  pid_t parent = 0;
  std::uint64_t resident_pages = 0;
};

// One /proc/<pid>/stat; nothing if it is not one. The program's name in it may hold spaces and brackets.
std::optional<ProcessLine> parse_process_stat(std::string_view stat);

// All processes below `root`, itself not included.
std::vector<pid_t> descendants(pid_t root);

// Kills each process below `root` that holds more memory than `bytes_max`; gives how many.
unsigned kill_above(pid_t root, std::uint64_t bytes_max);

// Orphans below become children of this process, and can be found and ended at the end.
void adopt_orphans();

// Ends and reaps all that is left below this process.
void end_orphans();

}  // namespace rcufarm::session
