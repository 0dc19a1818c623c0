// The text form of a scenario: what people read, edit and mail.
//
// Job: text -> scenario -> text without loss. The grammar is printed by grammar.h and stands in README.md. No state; any
// thread. Indentation and blank lines mean nothing; # starts a comment.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "scenario/scenario.h"

namespace rcufarm::scenario {

inline constexpr std::string_view text_magic = "scenario";
inline constexpr std::string_view text_version = "v1";

struct ParseError {
  unsigned line = 0;    // from 1
  unsigned column = 0;  // from 1, in bytes
  std::string found;    // as it stands there, cut if it is long; or "the end of the line", "the end of the text"
  std::string allowed;  // what may stand there, in words

  // "3:7: found 'x', but allowed here: a number from 1 to 8"
  std::string message() const;
  bool operator==(const ParseError&) const = default;
};

std::variant<Scenario, ParseError> parse(std::string_view text);

// Of a valid scenario. parse(print(s)) gives s back.
std::string print(const Scenario& scenario);
// One operation as `print` writes it, without indentation.
std::string print(const Operation& op, const Scenario& scenario);

}  // namespace rcufarm::scenario
