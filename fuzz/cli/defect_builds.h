// The other builds: programs beside this one, with a patched allocator linked in.
//
// Job: find them, and become one of them. A program links one copy of the allocator, so each defect is a program of its
// own: rcufarm-defect-NN beside rcufarm, and rcufarm-linux-NN beside rcufarm-linux.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/program.h"

namespace rcufarm::cli {

struct DefectBuild {
  std::string number;  // "04"
  std::filesystem::path path;
};

// Those that are there, by number.
std::vector<DefectBuild> defect_builds(const Program& program);
// "4" and "04" are the same. "" if the text is no number of a defect.
std::string defect_number(const std::string& text);
// Is this that defect's build already?
bool is_defect_build(const Program& program, const std::string& defect);
// Replaces this process by the defect's build, with the same arguments. Returns only with a complaint.
std::string become_defect_build(const Program& program, const std::string& defect, int argc, char** argv);
// The same for rcufarm-TARGET, with another allocator.
std::string become_target(const Program& program, const std::string& target, int argc, char** argv);

}  // namespace rcufarm::cli
