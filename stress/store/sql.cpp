#include "stress/store/sql.h"

#include <array>
#include <charconv>
#include <string_view>

namespace rcufarm::stress {

namespace {

// Of the sequence that begins at `at`; 0: there is none, or it is longer than it need be.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(at);
  if (first == 0) return 0;
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length == 0 || first > 0xf4) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0U) != 0x80) return 0;
  }
  const unsigned second = byte(at + 1);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool none = (first == 0xed && second >= 0xa0) || (first == 0xf4 && second >= 0x90);
  return overlong || none ? 0 : length;
}

}  // namespace

std::string clean_text(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    if (length == 0) {
      clean += '?';
      ++at;
    } else {
      clean += text.substr(at, length);
      at += length;
    }
  }
  return clean;
}

std::int64_t integer(const std::string& cell) {
  std::int64_t number = 0;
  std::from_chars(cell.data(), cell.data() + cell.size(), number);
  return number;
}

std::uint64_t count(const std::string& cell) { return static_cast<std::uint64_t>(integer(cell)); }

std::string Sql::in_dialect(const std::string& statement) const {
  const SqlDialect& d = dialect();
  const std::array<std::pair<std::string_view, const char*>, 5> words = {
      {{"{now}", d.now}, {"{skip}", d.skip}, {"{text}", d.text}, {"{bytes}", d.bytes}, {"{rowless}", d.rowless}}};
  std::string text = statement;
  for (const auto& [word, meaning] : words) {
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at))
      text.replace(at, word.size(), meaning);
  }
  return text;
}

}  // namespace rcufarm::stress
