#include "litmus/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <sstream>

#include "litmus/address.h"
#include "litmus/parser.h"

namespace rcufarm::litmus {

namespace {

// Other languages of herd7's, for a better message than "no litmus test".
constexpr std::array other_languages{"PPC",  "ARM",  "AArch64", "X86", "X86_64", "MIPS", "RISCV",
                                     "JAVA", "LISA", "Bell",    "ASL", "CPP",    "BPF"};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// The first line, and what stands before the initial state.
class Header {
 public:
  Header(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  std::string read_name() {
    skip_blanks_and_comments();
    const std::string language = word();
    if (std::find(other_languages.begin(), other_languages.end(), language) != other_languages.end()) {
      throw SyntaxError{line_, true, "`" + language + "`", "it is a test in assembly; only C tests are read"};
    }
    std::string name = language == "C" ? word() : "";
    if (name.ends_with(".litmus")) name.resize(name.size() - std::string_view(".litmus").size());
    if (name.empty()) {
      throw SyntaxError{line_, false, language.empty() ? "the file" : "`" + shortened(language) + "`",
                        "it is no litmus test: its first line has to be `C NAME`"};
    }
    return name == "--" ? std::filesystem::path(file_).stem().string() : name;
  }

  // To behind the brace of the initial state.
  void skip_to_state() {
    while (at_ < text_.size()) {
      skip_blanks_and_comments();
      if (at_ >= text_.size()) break;
      const char c = text_[at_++];
      if (c == '{') return;
      if (c == '"') {
        const std::size_t end = std::min(text_.find('"', at_), text_.size());
        line_ += static_cast<unsigned>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                                  text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
        at_ = std::min(end + 1, text_.size());
      }
    }
    throw SyntaxError{line_, false, "the end of the file", "the initial state is missing: { } at least"};
  }
  std::size_t at() const { return at_; }
  unsigned line() const { return line_; }

 private:
  static std::string shortened(const std::string& text) { return text.size() > 20 ? text.substr(0, 20) + "..." : text; }

  void skip_blanks_and_comments() {
    while (at_ < text_.size()) {
      if (is_blank(text_[at_])) {
        if (text_[at_] == '\n') ++line_;
        ++at_;
      } else if (text_.substr(at_, 2) == "(*") {
        Lexer comment(text_, at_, line_, Lexer::Language::state);
        skip_one(comment);
      } else {
        return;
      }
    }
  }
  void skip_one(Lexer& comment) {
    comment.skip_state_comments();
    at_ = comment.at();
    line_ = comment.line();
  }
  std::string word() {
    while (at_ < text_.size() && is_blank(text_[at_]) && text_[at_] != '\n') ++at_;
    const std::size_t start = at_;
    while (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != '{') ++at_;
    return std::string(text_.substr(start, at_ - start));
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
  unsigned line_ = 1;
};

// "Result: Never" at the start of a line of a comment, as the kernel's scripts look for it.
void find_result(std::string_view text, LitmusTest& test) {
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    const std::size_t start = line.find_first_not_of(" \t(*/");
    if (start == std::string::npos || line.compare(start, 7, "Result:") != 0) continue;
    std::istringstream words(line.substr(start + 7));
    std::string word;
    words >> test.result;
    while (words >> word) test.result_races = test.result_races || word == "DATARACE";
    return;
  }
}

void set_initial_registers(const std::vector<InitialRegister>& initial, Names& names) {
  for (const InitialRegister& one : initial) {
    if (one.thread >= names.threads()) {
      throw SyntaxError{one.line, false, fmt::format("`{}:{}`", one.thread, one.name),
                        fmt::format("there is no process P{}", one.thread)};
    }
    const unsigned number = names.reg(one.thread, one.name, one.line);
    names.test.threads[one.thread].registers[number].initial = one.value;
  }
}

}  // namespace

Location Names::location(std::string_view name, unsigned line) {
  if (const auto found = locations_.find(name); found != locations_.end()) return found->second;
  if (test.locations.size() >= Limits::locations_max) {
    throw SyntaxError{line, true, "`" + std::string(name) + "`",
                      fmt::format("a test may have {} locations", Limits::locations_max)};
  }
  const auto number = static_cast<Location>(test.locations.size());
  test.locations.push_back({std::string(name), 0});
  locations_.emplace(name, number);
  return number;
}

unsigned Names::reg(unsigned thread, std::string_view name, unsigned line) {
  auto& known = registers_[thread];
  if (const auto found = known.find(name); found != known.end()) return found->second;
  auto& registers = test.threads[thread].registers;
  if (registers.size() >= Limits::registers_max) {
    throw SyntaxError{line, true, "`" + std::string(name) + "`",
                      fmt::format("a process may have {} registers", Limits::registers_max)};
  }
  const auto number = static_cast<unsigned>(registers.size());
  registers.push_back({std::string(name), 0});
  known.emplace(name, number);
  return number;
}

void Names::add_thread(unsigned line) {
  if (threads() >= Limits::threads_max) {
    throw SyntaxError{line, true, fmt::format("process P{}", threads()),
                      fmt::format("a test may have {} processes", Limits::threads_max)};
  }
  test.threads.emplace_back();
  registers_.emplace_back();
}

Nesting::Nesting(unsigned& depth, unsigned line) : depth_(depth) {
  if (depth_ >= Limits::nesting_max) {
    throw SyntaxError{line, true, "nesting", fmt::format("it may be {} levels deep", Limits::nesting_max)};
  }
  ++depth_;
}

Value read_number(Lexer& lexer) {
  const Token token = lexer.next();
  std::string_view digits = token.text;
  const bool is_hex = digits.starts_with("0x") || digits.starts_with("0X");
  if (is_hex) digits.remove_prefix(2);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, is_hex ? 16 : 10);
  if (token.kind != Token::Kind::number || error == std::errc::invalid_argument ||
      end != digits.data() + digits.size()) {
    throw SyntaxError{token.line, false, quoted(token), "a number is wanted"};
  }
  if (error != std::errc{} || number > 0xffffffffU) {
    throw SyntaxError{token.line, true, quoted(token), "it does not fit into an int of 32 bits"};
  }
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(number));
}

std::string to_string(const ParseError& error) {
  return fmt::format("{}:{}: {}{}: {}", error.file, error.line, error.construct,
                     error.kind == ParseError::Kind::unsupported ? " is not supported" : "", error.help);
}

std::variant<LitmusTest, ParseError> parse(std::string_view text, const std::string& file) {
  try {
    if (text.size() > Limits::bytes_max) {
      throw SyntaxError{1, true, "the file", fmt::format("it may have {} bytes", Limits::bytes_max)};
    }
    Names names;
    Header header(text, file);
    names.test.name = header.read_name();
    header.skip_to_state();
    Lexer state(text, header.at(), header.line(), Lexer::Language::state);
    const std::vector<InitialRegister> initial = parse_initial_state(state, names);
    Lexer code(text, state.at(), state.line(), Lexer::Language::c);
    parse_processes(code, names);
    set_initial_registers(initial, names);
    Lexer conditions(text, code.at(), code.line(), Lexer::Language::state);
    parse_conditions(conditions, names);
    find_result(text, names.test);
    return std::move(names.test);
  } catch (const SyntaxError& error) {
    return ParseError{error.unsupported ? ParseError::Kind::unsupported : ParseError::Kind::malformed, file, error.line,
                      error.construct, error.help};
  }
}

}  // namespace rcufarm::litmus
