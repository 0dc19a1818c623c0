// Words of a litmus test.
//
// Job: split a file into words, each with its line. A test has two languages: C in its processes, and that of states in its
// `{ }` and its conditions, where names may hold dots and comments are (* *). Owned by the parser.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rcufarm::litmus {

// Thrown and caught inside of the parser: the rest of a file means nothing after the first mistake.
struct SyntaxError {
  unsigned line = 0;
  bool unsupported = false;  // it is understood, and not done here
  std::string construct;
  std::string help;
};

struct Token {
  enum class Kind { name, number, punctuation, end };
  Kind kind = Kind::end;
  std::string_view text{};
  unsigned line = 0;
  std::size_t start = 0;  // in the file
  bool is(std::string_view what) const { return kind != Kind::end && text == what; }
};

// "`foo`", or "the end of the file".
std::string quoted(const Token& token);
SyntaxError unexpected(const Token& token, std::string help);
SyntaxError unsupported(const Token& token, std::string help);

class Lexer {
 public:
  enum class Language { c, state };
  Lexer(std::string_view text, std::size_t at, unsigned line, Language language)
      : text_(text), at_(at), line_(line), language_(language) {}

  const Token& peek();
  Token next();
  bool take(std::string_view text);  // if it is next
  void expect(std::string_view text, std::string_view where);
  // Of state: does a (* *) stand here in C, where it is legal between processes only? Skips all of them.
  void skip_state_comments();
  std::size_t at() const { return has_ ? token_.start : at_; }
  unsigned line() const { return has_ ? token_.line : line_; }

 private:
  bool starts(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
  void advance(std::size_t count);
  bool skip_comment();  // one, if one stands here
  void skip_blanks();
  void skip_nested_comment();
  Token read();

  std::string_view text_;
  std::size_t at_;
  unsigned line_;
  Language language_;
  bool has_ = false;
  Token token_;
};

}  // namespace rcufarm::litmus
