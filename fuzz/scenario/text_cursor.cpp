// Cursor: see text_cursor.h.
#include "scenario/text_cursor.h"

#include <charconv>

namespace rcufarm::scenario {
namespace {

constexpr std::size_t found_bytes_max = 40;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// Printable, and no longer than a line can bear.
std::string shown(std::string_view found) {
  std::string text;
  for (const char c : found.substr(0, found_bytes_max)) text += c >= ' ' && c <= '~' ? c : '?';
  if (found.size() > found_bytes_max) text += "...";
  return text;
}

// All of the word, in decimal.
std::optional<unsigned> number_in(std::string_view word) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (word.empty() || error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

std::string range_text(unsigned min, unsigned max) {
  if (min == max) return "the number " + std::to_string(min);
  return "a number from " + std::to_string(min) + " to " + std::to_string(max);
}

}  // namespace

Cursor::Cursor(std::string_view line, unsigned number) : line_(line.substr(0, line.find('#'))), number_(number) {}

void Cursor::skip_blanks() {
  while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
}

bool Cursor::at_end() { return peek().empty(); }

std::string_view Cursor::peek() {
  skip_blanks();
  std::size_t end = at_;
  while (end < line_.size() && !is_blank(line_[end])) ++end;
  return line_.substr(at_, end - at_);
}

std::string_view Cursor::word() {
  if (error_) return {};
  last_ = peek();
  last_start_ = at_;
  at_ += last_.size();
  return last_;
}

void Cursor::fail(std::size_t start, std::string_view found, std::string allowed) {
  if (error_) return;
  error_ = ParseError{number_, static_cast<unsigned>(start) + 1, found.empty() ? "the end of the line" : shown(found),
                      std::move(allowed)};
}

void Cursor::fail_last(std::string allowed) { fail(last_start_, last_, std::move(allowed)); }

void Cursor::fail_next(std::string allowed) {
  const std::string_view next = peek();
  fail(at_, next, std::move(allowed));
}

void Cursor::literal(std::string_view expected) {
  if (word() != expected) fail_last("'" + std::string(expected) + "'");
}

unsigned Cursor::number(unsigned min, unsigned max) {
  const auto value = number_in(word());
  if (value && *value >= min && *value <= max) return *value;
  fail_last(range_text(min, max));
  return 0;
}

unsigned Cursor::one_of(std::span<const std::string_view> names) {
  const std::string_view found = word();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (found == names[i]) return static_cast<unsigned>(i);
  }
  fail_last(list_of(names));
  return 0;
}

unsigned Cursor::reference(char letter, unsigned count, const char* noun) {
  const std::string_view found = word();
  if (!found.empty() && found[0] == letter) {
    const auto value = number_in(found.substr(1));
    if (value && *value < count) return *value;
  }
  const std::string first = std::string(1, letter) + "0";
  fail_last(std::string("a ") + noun + ": " +
            (count == 1 ? first : first + " to " + std::string(1, letter) + std::to_string(count - 1)));
  return 0;
}

std::uint32_t Cursor::bits(unsigned max) {
  const std::string_view found = word();
  const bool legal = !found.empty() && found.size() <= max && found.find_first_not_of("01") == std::string_view::npos &&
                     found.back() == '1';
  if (!legal) {
    fail_last("up to " + std::to_string(max) + " digits 0 and 1, the last one a 1");
    return 0;
  }
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < found.size(); ++i) bits |= std::uint32_t{found[i] == '1'} << i;
  return bits;
}

void Cursor::end() {
  if (!at_end()) fail_next("nothing more on this line");
}

void Cursor::require(bool holds, unsigned column, std::string_view found, std::string allowed) {
  if (!holds) fail(column - 1, found, std::move(allowed));
}

std::string list_of(std::span<const std::string_view> names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += "'" + std::string(names[i]) + "'";
  }
  return text;
}

}  // namespace rcufarm::scenario
