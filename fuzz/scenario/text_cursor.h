// Cursor: the words of one line of the text form, read from left to right.
//
// Job: say of a word what it is, or what should have stood there. After the first mistake every read gives 0 and changes
// nothing, so that a caller reads a whole line and asks once. Owned by the parser; not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "scenario/text.h"

namespace rcufarm::scenario {

class Cursor {
 public:
  // The text up to a # or its end is split at blanks.
  Cursor(std::string_view line, unsigned number);

  // Is there no (further) word?
  bool at_end();
  // The next word, which stays where it is; empty at the end.
  std::string_view peek();

  // Each reads one word, which must be …
  void literal(std::string_view word);                                // … this word
  unsigned number(unsigned min, unsigned max);                        // … a number
  unsigned one_of(std::span<const std::string_view> names);           // … one of these; its index
  unsigned reference(char letter, unsigned count, const char* noun);  // … c0, s3, …: one of `count` nouns
  std::uint32_t bits(unsigned max);                                   // … up to `max` 0s and 1s, the last one a 1
  std::string_view word();                                            // … anything
  void end();                                                         // nothing else may stand on the line

  // The word that was read last, or is next, was wrong.
  void fail_last(std::string allowed);
  void fail_next(std::string allowed);

  // For what needs more than one word to judge: unless it holds, `found` at `column` was wrong.
  void require(bool holds, unsigned column, std::string_view found, std::string allowed);

  const std::optional<ParseError>& error() const { return error_; }
  unsigned line() const { return number_; }
  unsigned last_column() const { return static_cast<unsigned>(last_start_) + 1; }

 private:
  void skip_blanks();
  void fail(std::size_t start, std::string_view found, std::string allowed);

  std::string_view line_;
  unsigned number_;
  std::size_t at_ = 0;
  std::size_t last_start_ = 0;
  std::string_view last_;
  std::optional<ParseError> error_;
};

// Names as a person lists them: "'a', 'b' or 'c'".
std::string list_of(std::span<const std::string_view> names);

}  // namespace rcufarm::scenario
