// The parser's parts, which parse.cpp puts together.
//
// Job: the names that a test has used so far, and one function for each of its sections. Each throws SyntaxError. Owned by
// one call of parse().
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "litmus/ast.h"
#include "litmus/lexer.h"

namespace rcufarm::litmus {

class Names {
 public:
  // What has not been met yet becomes a location, or a register of the thread.
  Location location(std::string_view name, unsigned line);
  unsigned reg(unsigned thread, std::string_view name, unsigned line);
  void add_thread(unsigned line);
  unsigned threads() const { return static_cast<unsigned>(test.threads.size()); }

  LitmusTest test;

 private:
  std::map<std::string, Location, std::less<>> locations_;
  std::vector<std::map<std::string, unsigned, std::less<>>> registers_;
};

// Refuses what is nested too deeply: a parser's stack is finite.
class Nesting {
 public:
  Nesting(unsigned& depth, unsigned line);
  ~Nesting() { --depth_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

 private:
  unsigned& depth_;
};

// An int as it is written, after its sign. The lexer stands on it.
Value read_number(Lexer& lexer);

// `0:r1 = x` in the initial state: threads come later in the file.
struct InitialRegister {
  unsigned thread = 0;
  std::string name;
  Value value = 0;
  unsigned line = 0;
};
// { ... }, from behind its brace to behind the other.
std::vector<InitialRegister> parse_initial_state(Lexer& lexer, Names& names);

// The processes, up to what begins the conditions or the end.
void parse_processes(Lexer& lexer, Names& names);

// locations, filter, exists …, up to the end.
void parse_conditions(Lexer& lexer, Names& names);

// Does this word begin the conditions?
bool begins_conditions(const Token& token);

}  // namespace rcufarm::litmus
