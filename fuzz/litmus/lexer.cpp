#include "litmus/lexer.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace rcufarm::litmus {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

}  // namespace

std::string quoted(const Token& token) {
  if (token.kind == Token::Kind::end) return "the end of the file";
  return "`" + std::string(token.text) + "`";
}

SyntaxError unexpected(const Token& token, std::string help) {
  return {token.line, false, quoted(token), std::move(help)};
}

SyntaxError unsupported(const Token& token, std::string help) {
  return {token.line, true, quoted(token), std::move(help)};
}

const Token& Lexer::peek() {
  if (!has_) token_ = read();
  has_ = true;
  return token_;
}

Token Lexer::next() {
  const Token token = peek();
  has_ = false;
  return token;
}

bool Lexer::take(std::string_view text) {
  if (!peek().is(text)) return false;
  has_ = false;
  return true;
}

void Lexer::expect(std::string_view text, std::string_view where) {
  if (take(text)) return;
  throw SyntaxError{peek().line, false, quoted(peek()), "`" + std::string(text) + "` is wanted " + std::string(where)};
}

void Lexer::advance(std::size_t count) {
  const std::size_t end = std::min(at_ + count, text_.size());
  line_ += static_cast<unsigned>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                            text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
  at_ = end;
}

void Lexer::skip_nested_comment() {
  const unsigned line = line_;
  unsigned depth = 0;
  do {
    if (at_ >= text_.size()) throw SyntaxError{line, false, "(*", "the comment has no end; close it with *)"};
    if (starts("(*")) {
      ++depth;
      advance(2);
    } else if (starts("*)")) {
      --depth;
      advance(2);
    } else {
      advance(1);
    }
  } while (depth != 0);
}

bool Lexer::skip_comment() {
  if (starts("//")) {
    advance(std::min(text_.find('\n', at_), text_.size()) - at_);
    return true;
  }
  if (starts("/*")) {
    const std::size_t end = text_.find("*/", at_ + 2);
    if (end == std::string_view::npos) {
      throw SyntaxError{line_, false, "/*", "the comment has no end; close it with */"};
    }
    advance(end + 2 - at_);
    return true;
  }
  if (language_ == Language::state && starts("(*")) {
    skip_nested_comment();
    return true;
  }
  return false;
}

void Lexer::skip_blanks() {
  while (at_ < text_.size()) {
    if (std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
      advance(1);
    } else if (!skip_comment()) {
      return;
    }
  }
}

void Lexer::skip_state_comments() {
  if (has_) {  // what was looked at may be the start of a comment
    at_ = token_.start;
    line_ = token_.line;
    has_ = false;
  }
  const Language language = language_;
  language_ = Language::state;
  skip_blanks();
  language_ = language;
}

Token Lexer::read() {
  skip_blanks();
  Token token{Token::Kind::end, {}, line_, at_};
  if (at_ >= text_.size()) return token;
  const bool in_state = language_ == Language::state;
  const auto name_goes_on = [&](std::size_t i) {
    const char c = text_[i];
    if (is_letter(c) || is_digit(c)) return true;
    if (!in_state) return false;
    // r1/\x is no name, and neither is x->y.
    if (c == '/') return i + 1 < text_.size() && text_[i + 1] != '\\';
    return c == '.' || c == '$' || c == '-';
  };
  std::size_t end = at_ + 1;
  const char c = text_[at_];
  const bool percent = c == '%' && end < text_.size() && is_letter(text_[end]);
  if (is_letter(c) || percent || (in_state && (c == '.' || c == '$'))) {
    while (end < text_.size() && name_goes_on(end)) ++end;
    token.kind = Token::Kind::name;
    token.text = text_.substr(at_, end - at_);
    if (percent) token.text.remove_prefix(1);
  } else if (is_digit(c)) {
    while (end < text_.size() && (is_digit(text_[end]) || is_letter(text_[end]))) ++end;
    token.kind = Token::Kind::number;
    token.text = text_.substr(at_, end - at_);
  } else {
    constexpr std::array long_ones{"/\\", "\\/", "==", "!=", "<=", ">=", "=>", "<>", "&&", "||", "<<",
                                   ">>",  "++",  "--", "+=", "-=", "*=", "->", "|=", "&=", "^="};
    for (const std::string_view one : long_ones) {
      if (starts(one) && (in_state || (one != "/\\" && one != "\\/" && one != "=>" && one != "<>"))) {
        end = at_ + one.size();
        break;
      }
    }
    token.kind = Token::Kind::punctuation;
    token.text = text_.substr(at_, end - at_);
  }
  advance(end - at_);
  return token;
}

}  // namespace rcufarm::litmus
