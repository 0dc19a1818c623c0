#include "targets/input_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>

#include "scenario/bytes.h"
#include "scenario/text.h"

namespace rcufarm::targets {

std::variant<std::string, InputFileError> read_input_file(const std::string& path) {
  // Opening a folder succeeds; reading it throws.
  if (std::filesystem::is_directory(path)) return InputFileError{path + " is a folder"};
  std::ifstream file(path, std::ios::binary);
  if (!file) return InputFileError{"cannot open " + path + ": " + std::strerror(errno)};
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return InputFileError{"cannot read " + path + ": " + std::strerror(errno)};
  if (content.size() > input_bytes_max) {
    return InputFileError{path + " is larger than " + std::to_string(input_bytes_max) + " bytes"};
  }
  return content;
}

std::variant<scenario::Scenario, std::string> read_scenario(const std::string& path) {
  auto read = read_input_file(path);
  if (auto* error = std::get_if<InputFileError>(&read)) return std::move(error->message);
  const std::string& content = std::get<std::string>(read);
  // The text form says what it is in its first word; no saved scenario begins with that letter as its version.
  if (content.starts_with(scenario::text_magic) || content.starts_with('#')) {
    std::variant<scenario::Scenario, scenario::ParseError> parsed = scenario::parse(content);
    if (const auto* error = std::get_if<scenario::ParseError>(&parsed)) return path + ":" + error->message();
    return std::get<scenario::Scenario>(std::move(parsed));
  }
  return scenario::decode(std::as_bytes(std::span(content))).scenario;
}

std::string write_scenario(const scenario::Scenario& scenario, const std::string& path) {
  const std::vector<std::byte> bytes = scenario::encode(scenario);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  file.close();
  return file ? std::string() : "cannot write " + path + ": " + std::strerror(errno);
}

}  // namespace rcufarm::targets
