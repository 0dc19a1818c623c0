// Expressions and calls of a process.
//
// Job: from words to what the interpreter walks. Throws SyntaxError. Owned by the parser of processes, one for each process.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "litmus/parser.h"
#include "litmus/primitives.h"

namespace rcufarm::litmus {

class Expressions {
 public:
  Expressions(Lexer& lexer, Names& names, unsigned thread) : lexer_(lexer), names_(names), thread_(thread) {}

  Expr expression() { return binary(0); }
  // A type, up to where a name or `)` is wanted; false if there is none, and nothing is read then.
  bool skip_type();
  // The address behind a `*` that was read.
  Expr address();
  // What a call is, behind its name, which was read. One that gives a value is one statement that drops it.
  std::vector<Statement> call(const Token& name);
  // What goes on behind a word that was read: `r1` or `f`, at the start of a statement.
  Expr starting_with(const Token& name);

  Expr constant(Value value, unsigned line) const;
  unsigned& depth() { return depth_; }

 private:
  struct Call {
    Primitive primitive;
    std::vector<Expr> arguments;
    std::vector<Order> orders;
  };

  Expr binary(unsigned level);
  Expr more_of_binary(Expr left, unsigned level);
  Expr unary();
  Expr primary();
  Expr call_value(const Token& name);
  Call read_call(const Token& name);
  Expr value_of(Call call, const Token& name) const;
  std::vector<Statement> effects_of(Call call, const Token& name) const;
  Order read_order();
  Expr of(Expr::Kind kind, unsigned line, std::vector<Expr> operands) const;

  Lexer& lexer_;
  Names& names_;
  unsigned thread_;
  unsigned depth_ = 0;
};

}  // namespace rcufarm::litmus
