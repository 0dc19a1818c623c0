// The programs that workers run: which build they are, and whether they can run here.
//
// Job: hashes of program files (looked at again when a file changes) and the checks before anything starts. One thread.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "stress/config/config.h"
#include "stress/worker/lane.h"

namespace rcufarm::stress {

class Builds {
 public:
  // Of the program's content; "" if it is not there.
  std::string of(const std::filesystem::path& program);

 private:
  struct Known {
    std::filesystem::file_time_type changed;
    std::uintmax_t bytes = 0;
    std::string hash;
  };
  std::map<std::filesystem::path, Known> known_;
};

struct Check {
  std::string name = {};     // a closed set: lanes, and "disk", "store"
  std::string trouble = {};  // "": it is fine
  bool being_built = false;  // then that is the trouble
  bool wanted = true;        // false: the config leaves it out
};

// One check for each lane, and the disk. While `builder` lives (a process; 0: none), a missing program is being built.
std::vector<Check> preflight(const Config& config, const std::filesystem::path& state, pid_t builder);
// Of the canary's programs those that are there.
// Why no kind of worker can run, and what to do; "": one can, or is being built.
std::string nothing_to_run(const std::vector<Check>& checks);
std::vector<std::string> canaries_there(const Config& config);
// A program as somebody in the tree's folder types it; as it is, if it lies elsewhere.
std::string from_tree(const Config& config, const std::filesystem::path& program);
std::uint64_t free_megabytes(const std::filesystem::path& folder);

}  // namespace rcufarm::stress
