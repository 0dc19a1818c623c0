// What a verb needs to know of the program that it runs in.
//
// Job: the build (which allocator is linked in) and the values that every verb shares. Plain data, made by main().
#pragma once

#include <filesystem>
#include <string>

#include "harness/sim/sim_allocator.h"
#include "report/names.h"

namespace rcufarm::cli {

// Nothing found, or done; a finding; bad use or environment.
enum ExitCode : int { exit_nothing_found = 0, exit_finding = 1, exit_bad_use = 2 };

struct Program {
  std::filesystem::path self;  // the running executable
  std::string build;           // "" the allocator as it is, "defect-04" and the like: a patched copy
  std::string made_of;         // of code from elsewhere: its file, compiler and flags; "" else
  const harness::SimAllocator* allocator = nullptr;
  const report::AllocatorNames* names = nullptr;
};

// The build in a line, as findings name it.
std::string build_line(const Program& program);
// A path as somebody in this folder would type it.
std::string short_path(const std::filesystem::path& path);
// Where findings are saved unless somebody says otherwise: build/findings of the tree that the executable was built in, wherever one
// stands; without a tree, of the present folder.
std::filesystem::path findings_folder(const std::filesystem::path& self);
// For a shell: quoted if it has to be.
std::string shell_word(const std::string& word);
std::string whole_path_word(const std::filesystem::path& path);
// This build's own command, and those that replay a finding's file with it and make it smaller, into a file beside it. All are pasted in whatever folder somebody stands in by then,
// so their paths are whole.
std::string own_command(const Program& program);
std::string replay_command(const Program& program, const std::filesystem::path& file);
std::string minimize_command(const Program& program, const std::filesystem::path& file);
// Prints "rcufarm: <text>" to stderr, and says exit_bad_use.
int complain(const std::string& text);

}  // namespace rcufarm::cli
