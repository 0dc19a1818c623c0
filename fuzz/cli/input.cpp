#include "cli/input.h"

#include <algorithm>
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

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

// As it was before an editor or a mailer made other line ends of its own, and put a mark before it.
std::string plain(std::string_view content) {
  if (content.starts_with(byte_order_mark)) content.remove_prefix(byte_order_mark.size());
  std::string text;
  text.reserve(content.size());
  for (std::size_t i = 0; i < content.size(); ++i) {
    const bool is_end = content[i] == '\r' && i + 1 < content.size() && content[i + 1] == '\n';
    if (!is_end) text += content[i];
  }
  return text;
}

bool is_headline(std::string_view line) {
  return line.starts_with("finding v") || line.starts_with(scenario::text_magic);
}

// Of what was quoted: "> finding v1".
std::string_view unquoted(std::string_view line) {
  const std::size_t begin = line.find_first_not_of("> |\t");
  return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
}

// "Subject: ..." or "From somebody".
bool is_mail_header(std::string_view line) {
  const std::size_t end = line.find_first_of(": ");
  if (end == std::string_view::npos || end == 0) return false;
  if (line.starts_with("From ")) return true;
  const bool is_name = std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(end),
                                   [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; });
  return is_name && line[0] <= 'Z' && line.substr(end).starts_with(": ");
}

// What to do with a file in which something stands around what is asked for; "": nothing is known of it.
std::string advice_on(std::string_view content) {
  if (content.starts_with("\xff\xfe") || content.starts_with("\xfe\xff")) {
    return "this is UTF-16 text. Save it as UTF-8, or as plain text";
  }
  bool is_mail = false;
  bool is_first = true;
  for (std::string_view rest = content; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (unquoted(line).empty() || line[0] == '#') continue;
    if (is_headline(line)) {
      if (is_first) return "";
      is_mail = true;
      break;
    }
    if (is_first) is_mail = is_mail_header(line);
    if (is_headline(unquoted(line))) {
      is_mail = true;
      break;
    }
    is_first = false;
  }
  return is_mail
             ? "this looks like a mail, or like a page around a finding. Save the attachment; of a finding in the text "
               "itself, save what stands from its line `finding v1` on, without `> ` before the lines"
             : "";
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

Input parse_bytes(std::string_view content) {
  if (looks_like_finding_bytes(bytes_of(content))) {
    auto finding = finding_from_bytes(bytes_of(content));
    if (auto* error = std::get_if<std::string>(&finding)) return InputError{std::move(*error)};
    return std::get<harness::SimFinding>(std::move(finding));
  }
  auto decoded = scenario::decode_saved(bytes_of(content));
  if (const auto* error = std::get_if<scenario::DecodeError>(&decoded)) return InputError{error->message()};
  return std::get<scenario::Decoded>(std::move(decoded)).scenario;
}

std::string lack_of(const Input& input, const scenario::Language& language) {
  if (const auto* finding = std::get_if<harness::SimFinding>(&input)) {
    return scenario::first_lack(finding->scenario, language);
  }
  const auto* scenario = std::get_if<scenario::Scenario>(&input);
  return scenario != nullptr ? scenario::first_lack(*scenario, language) : "";
}

}  // namespace

Form form_of(std::string_view content) {
  const bool finding = looks_like_finding_bytes(bytes_of(content));
  if (finding) return Form::bytes;
  if (content.starts_with(byte_order_mark)) return Form::text;
  const std::size_t at = content.find_first_not_of(" \t\r\n");
  if (at == std::string_view::npos) return Form::text;
  const char c = content[at];
  return (c >= 'a' && c <= 'z') || c == '#' ? Form::text : Form::bytes;
}

Input parse_input(std::string_view content) {
  if (content.empty()) return InputError{"it is empty"};
  if (looks_like_finding_bytes(bytes_of(content))) return parse_bytes(content);
  const std::string text = plain(content);
  if (std::string advice = advice_on(text); !advice.empty()) return InputError{std::move(advice)};
  return form_of(text) == Form::text ? parse_text(text) : parse_bytes(content);
}

Input read_input(const std::filesystem::path& path, const scenario::Language& language) {
  auto content = read_file(path);
  if (auto* error = std::get_if<FileError>(&content)) return InputError{std::move(error->message)};
  Input input = parse_input(std::get<std::string>(content));
  if (const std::string lack = lack_of(input, language); !lack.empty()) {
    input = InputError{lack + " is nothing that this target has; it has " + scenario::operations_of(language) +
                       ". Take it away, or run the scenario on another target (--target)"};
  }
  if (auto* error = std::get_if<InputError>(&input)) error->message = path.string() + ": " + error->message;
  return input;
}

std::variant<harness::SimFinding, InputError> read_finding(const std::filesystem::path& path,
                                                           const scenario::Language& language) {
  Input input = read_input(path, language);
  if (auto* error = std::get_if<InputError>(&input)) return std::move(*error);
  if (auto* finding = std::get_if<harness::SimFinding>(&input)) return std::move(*finding);
  return InputError{path.string() + " is a scenario without a schedule. Search it: rcufarm explore --scenario " +
                    path.string()};
}

}  // namespace rcufarm::cli
