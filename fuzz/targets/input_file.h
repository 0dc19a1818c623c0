// Scenario files as people hand them in: saved bytes, a fuzz engine's input, or text.
//
// Job: read one, whichever form it has, or write one, and say what is wrong in words. No state.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "scenario/scenario.h"

namespace rcufarm::targets {

inline constexpr std::size_t input_bytes_max = 1U << 20U;

struct InputFileError {
  std::string message;  // what is wrong, with the file's name
};
// What is in a file of at most input_bytes_max bytes.
std::variant<std::string, InputFileError> read_input_file(const std::string& path);

// A scenario, or why there is none ("cannot open …", "3:7: found …").
std::variant<scenario::Scenario, std::string> read_scenario(const std::string& path);

// Saves it as bytes. Empty, or what went wrong.
std::string write_scenario(const scenario::Scenario& scenario, const std::string& path);

}  // namespace rcufarm::targets
