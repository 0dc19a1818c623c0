#include "cli/defect_builds.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace rcufarm::cli {

namespace {

// Of a file of the kernel, whose name comes first in the build's, or of this project's allocator?
std::string name_prefix(const Program& program) {
  const std::string target = program.build.substr(0, program.build.find('-'));
  return (target.empty() ? "defect" : target) + "-";
}
std::string prefix_of(const Program& program) { return "rcufarm-" + name_prefix(program); }
std::string how_to_build(const Program& program) {
  if (name_prefix(program) == "hooked-") return "Build them: ./farm bench hooks";
  const bool kernel = name_prefix(program) != "defect-";
  return kernel ? "Build them: ./farm test --lane linux"
                : "Build them: cmake --preset release -D RCUFARM_DEFECTS=ON && "
                  "cmake --build build/release --target rcufarm-defects";
}

bool is_number(const std::string& text) {
  return !text.empty() && text.size() <= 2 && text.find_first_not_of("0123456789") == std::string::npos;
}

std::string list_of(const std::vector<DefectBuild>& builds) {
  std::string text;
  for (const DefectBuild& build : builds) text += (text.empty() ? "" : " ") + build.number;
  return text.empty() ? "none" : text;
}

// Does not return if it works.
std::string become(const std::filesystem::path& path, int argc, char** argv) {
  std::vector<char*> arguments(argv, argv + argc);
  arguments.push_back(nullptr);
  execv(path.c_str(), arguments.data());
  return "cannot run " + path.string() + ": " + std::strerror(errno);
}

}  // namespace

std::string defect_number(const std::string& text) {
  if (!is_number(text)) return "";
  return text.size() == 1 ? "0" + text : text;
}

std::vector<DefectBuild> defect_builds(const Program& program) {
  const std::string prefix = prefix_of(program);
  std::vector<DefectBuild> builds;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(program.self.parent_path(), error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    const std::string number = name.substr(prefix.size());
    if (is_number(number) && access(entry.path().c_str(), X_OK) == 0) builds.push_back({number, entry.path()});
  }
  std::sort(builds.begin(), builds.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  return builds;
}

bool is_defect_build(const Program& program, const std::string& defect) {
  return program.build == name_prefix(program) + defect_number(defect);
}

std::string become_defect_build(const Program& program, const std::string& defect, int argc, char** argv) {
  const std::string number = defect_number(defect);
  if (number.empty()) return "--defect wants a defect's number, such as 04, and not `" + defect + "`";
  const std::filesystem::path path = program.self.parent_path() / (prefix_of(program) + number);
  if (access(path.c_str(), X_OK) != 0) {
    return "there is no build for defect " + number + ": " + path.string() +
           " is missing. Beside this program there are: " + list_of(defect_builds(program)) + ". " +
           how_to_build(program);
  }
  return become(path, argc, argv);
}

std::string become_target(const Program& program, const std::string& target, int argc, char** argv) {
  const std::filesystem::path path = program.self.parent_path() / ("rcufarm-" + target);
  if (target.find('/') != std::string::npos || access(path.c_str(), X_OK) != 0) {
    return "there is no build for --target " + target + ": " + path.string() +
           " is missing. `./farm kernel --source PATH/TO/linux` builds the one for linux";
  }
  return become(path, argc, argv);
}

}  // namespace rcufarm::cli
