#include "cli/input.h"

#include <span>

#include "cli/files.h"
#include "cli/finding_bytes.h"
#include "scenario/bytes.h"
#include "scenario/text.h"

namespace rcufarm::cli {

namespace {

std::span<const std::byte> bytes_of(std::string_view content) {
  return std::as_bytes(std::span(content.data(), content.size()));
}

// The first word of the first line that says something.
std::string_view first_word(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos || line[begin] == '#') continue;
    line.remove_prefix(begin);
    return line.substr(0, line.find_first_of(" \t\r"));
  }
  return {};
}

Input parse_text(std::string_view content) {
  const std::string_view word = first_word(content);
  if (word == "finding") {
    auto finding = harness::sim_finding_from_text(content);
    if (auto* error = std::get_if<std::string>(&finding)) return InputError{std::move(*error)};
    return std::get<harness::SimFinding>(std::move(finding));
  }
  if (word == scenario::text_magic) {
    auto parsed = scenario::parse(content);
    if (const auto* error = std::get_if<scenario::ParseError>(&parsed)) return InputError{error->message()};
    return std::get<scenario::Scenario>(std::move(parsed));
  }
  return InputError{
      "neither a scenario nor a finding: the first begins with `scenario v1`, the second with `finding v1`"};
}

}  // namespace

Form form_of(std::string_view content) {
  const bool finding = looks_like_finding_bytes(bytes_of(content));
  if (finding) return Form::bytes;
  const std::size_t at = content.find_first_not_of(" \t\r\n");
  if (at == std::string_view::npos) return Form::text;
  const char c = content[at];
  return (c >= 'a' && c <= 'z') || c == '#' ? Form::text : Form::bytes;
}

Input parse_input(std::string_view content) {
  if (content.empty()) return InputError{"it is empty"};
  if (form_of(content) == Form::text) return parse_text(content);
  if (looks_like_finding_bytes(bytes_of(content))) {
    auto finding = finding_from_bytes(bytes_of(content));
    if (auto* error = std::get_if<std::string>(&finding)) return InputError{std::move(*error)};
    return std::get<harness::SimFinding>(std::move(finding));
  }
  auto decoded = scenario::decode_saved(bytes_of(content));
  if (const auto* error = std::get_if<scenario::DecodeError>(&decoded)) return InputError{error->message()};
  return std::get<scenario::Decoded>(std::move(decoded)).scenario;
}

Input read_input(const std::filesystem::path& path) {
  auto content = read_file(path);
  if (auto* error = std::get_if<FileError>(&content)) return InputError{std::move(error->message)};
  Input input = parse_input(std::get<std::string>(content));
  if (auto* error = std::get_if<InputError>(&input)) error->message = path.string() + ": " + error->message;
  return input;
}

std::variant<harness::SimFinding, InputError> read_finding(const std::filesystem::path& path) {
  Input input = read_input(path);
  if (auto* error = std::get_if<InputError>(&input)) return std::move(*error);
  if (auto* finding = std::get_if<harness::SimFinding>(&input)) return std::move(*finding);
  return InputError{path.string() + " is a scenario without a schedule. Search it: rcufarm explore --scenario " +
                    path.string()};
}

}  // namespace rcufarm::cli
