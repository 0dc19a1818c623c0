#include "cli/program.h"

#include <cstdio>

namespace rcufarm::cli {

std::string build_line(const Program& program) {
  std::string line = "rcufarm";
  if (!program.build.empty()) line += " " + program.build;
  if (!program.made_of.empty()) line += " of " + program.made_of;
  return line;
}

std::string short_path(const std::filesystem::path& path) {
  std::error_code error;
  const std::string relative = std::filesystem::proximate(path, error).string();
  return error || relative.starts_with("..") ? path.string() : relative;
}

std::filesystem::path findings_folder(const std::filesystem::path& self) {
  for (std::filesystem::path at = self; at.has_relative_path(); at = at.parent_path()) {
    if (at.filename() == "build") return at / "findings";
  }
  return "build/findings";
}

std::string shell_word(const std::string& word) {
  constexpr const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:=@+";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string whole_path_word(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::absolute(path, error).lexically_normal();
  return shell_word(error ? path.string() : whole.string());
}

std::string own_command(const Program& program) { return whole_path_word(program.self); }

std::string replay_command(const Program& program, const std::filesystem::path& file) {
  return own_command(program) + " replay " + whole_path_word(file);
}

std::string minimize_command(const Program& program, const std::filesystem::path& file) {
  std::filesystem::path smaller = file;
  smaller.replace_extension(".small" + file.extension().string());
  return own_command(program) + " minimize " + whole_path_word(file) + " -o " + whole_path_word(smaller);
}

int complain(const std::string& text) {
  std::fprintf(stderr, "rcufarm: %s\n", text.c_str());
  return exit_bad_use;
}

}  // namespace rcufarm::cli
