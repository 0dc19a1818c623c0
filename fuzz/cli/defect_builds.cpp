#include "cli/defect_builds.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace rcufarm::cli {

namespace {

constexpr const char* prefix = "rcufarm-defect-";

bool is_number(const std::string& text) {
  return !text.empty() && text.size() <= 2 && text.find_first_not_of("0123456789") == std::string::npos;
}

std::string list_of(const std::vector<DefectBuild>& builds) {
  std::string text;
  for (const DefectBuild& build : builds) text += (text.empty() ? "" : " ") + build.number;
  return text.empty() ? "none" : text;
}

}  // namespace

std::string defect_number(const std::string& text) {
  if (!is_number(text)) return "";
  return text.size() == 1 ? "0" + text : text;
}

std::vector<DefectBuild> defect_builds(const std::filesystem::path& self) {
  std::vector<DefectBuild> builds;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(self.parent_path(), error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    const std::string number = name.substr(std::strlen(prefix));
    if (is_number(number) && access(entry.path().c_str(), X_OK) == 0) builds.push_back({number, entry.path()});
  }
  std::sort(builds.begin(), builds.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  return builds;
}

std::string become_defect_build(const Program& program, const std::string& defect, int argc, char** argv) {
  const std::string number = defect_number(defect);
  if (number.empty()) return "--defect wants a defect's number, such as 04, and not `" + defect + "`";
  const std::filesystem::path path = program.self.parent_path() / (prefix + number);
  if (access(path.c_str(), X_OK) != 0) {
    return "there is no build for defect " + number + ": " + path.string() +
           " is missing. Beside this program there are: " + list_of(defect_builds(program.self)) +
           ". Build them: cmake --preset release -D RCUFARM_DEFECTS=ON && "
           "cmake --build --preset release --target rcufarm-defects";
  }
  std::vector<char*> arguments(argv, argv + argc);
  arguments.push_back(nullptr);
  execv(path.c_str(), arguments.data());
  return "cannot run " + path.string() + ": " + std::strerror(errno);
}

}  // namespace rcufarm::cli
