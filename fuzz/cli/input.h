// What a file holds: a scenario or a finding, as text or as bytes.
//
// Job: tell the four apart by how they begin, and read them. No state.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>

#include "harness/sim/sim_finding.h"
#include "scenario/language.h"
#include "scenario/scenario.h"

namespace rcufarm::cli {

struct InputError {
  std::string message;  // what is wrong, where, and what to do
};
using Input = std::variant<scenario::Scenario, harness::SimFinding, InputError>;

enum class Form : std::uint8_t { text, bytes };
// Text begins with a letter of ours or a comment; a saved scenario's first byte is its version, which is none.
Form form_of(std::string_view content);

Input parse_input(std::string_view content);
// The same of a file; messages name it. What is no scenario of the language, the target's that is to run it, is an error.
Input read_input(const std::filesystem::path& path, const scenario::Language& language = {});
// For verbs that want one kind.
std::variant<harness::SimFinding, InputError> read_finding(const std::filesystem::path& path,
                                                           const scenario::Language& language = {});

}  // namespace rcufarm::cli
