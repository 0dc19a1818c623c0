// show and asm: text <-> bytes.
#include <cstdio>

#include "cli/files.h"
#include "cli/finding_bytes.h"
#include "cli/input.h"
#include "cli/verbs.h"
#include "scenario/bytes.h"
#include "scenario/text.h"

namespace rcufarm::cli {

int show_verb(const Options& options) {
  const Input input = read_input(options.file);
  if (const auto* error = std::get_if<InputError>(&input)) return complain(error->message);
  const auto* finding = std::get_if<harness::SimFinding>(&input);
  const std::string text =
      finding != nullptr ? harness::to_text(*finding) : scenario::print(std::get<scenario::Scenario>(input));
  std::fputs(text.c_str(), stdout);
  return exit_nothing_found;
}

int asm_verb(const Options& options) {
  auto content = read_file(options.file);
  if (const auto* error = std::get_if<FileError>(&content)) return complain(error->message);
  const std::string& text = std::get<std::string>(content);
  if (form_of(text) != Form::text)
    return complain(options.file + " is not text; `rcufarm show` prints the text of bytes");
  const Input input = parse_input(text);
  if (const auto* error = std::get_if<InputError>(&input)) return complain(options.file + ": " + error->message);
  const auto* finding = std::get_if<harness::SimFinding>(&input);
  const std::vector<std::byte> bytes =
      finding != nullptr ? finding_to_bytes(*finding) : scenario::encode(std::get<scenario::Scenario>(input));
  const std::string error = write_file(options.out, as_text(bytes));
  return error.empty() ? exit_nothing_found : complain(error);
}

}  // namespace rcufarm::cli
