// From a file's text to a litmus test.
//
// Job: read C litmus tests as herd7 does, with the kernel's primitives (tools/memory-model) or C11's. Pure; a bad file is a
// value that says where and what.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "litmus/ast.h"

namespace rcufarm::litmus {

struct ParseError {
  enum class Kind : std::uint8_t {
    malformed,    // no litmus test, or one with a mistake
    unsupported,  // a litmus test that uses what is not done here, or more of something than is allowed
  };
  Kind kind = Kind::malformed;
  std::string file;
  unsigned line = 0;
  std::string construct;  // "`for`"
  std::string help;       // what to do
};

// "MP.litmus:12: `for`: write a `while`"
std::string to_string(const ParseError& error);

// `file` is for messages, and names the test where its first line says `--`.
std::variant<LitmusTest, ParseError> parse(std::string_view text, const std::string& file);

}  // namespace rcufarm::litmus
