// The processes: their parameters and statements.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "litmus/address.h"
#include "litmus/expressions.h"

namespace rcufarm::litmus {

namespace {

constexpr std::array unknown_statements{"for", "do", "switch", "goto", "return", "break", "continue", "case", "asm"};

constexpr const char* known_types = "the types are those of ints, atomics, spinlock_t and srcu_struct";

class Process {
 public:
  Process(Lexer& lexer, Names& names, unsigned thread)
      : lexer_(lexer), names_(names), thread_(thread), expressions_(lexer, names, thread) {}

  // From behind the name: (int *x, …) { … }.
  void read() {
    parameters();
    lexer_.expect("{", "before a process's statements");
    std::vector<Statement>& body = names_.test.threads[thread_].body;
    while (!lexer_.take("}")) statement(body);
  }

 private:
  void parameters() {
    lexer_.expect("(", "behind a process's name");
    while (!lexer_.take(")")) {
      const Token type = lexer_.peek();
      if (!expressions_.skip_type()) {
        if (type.kind == Token::Kind::name) refuse_as_type();
        throw unexpected(type, "a parameter's type is wanted, as `int *x`");
      }
      const Token name = lexer_.next();
      if (name.is(")")) return;  // (void)
      if (name.kind != Token::Kind::name) throw unexpected(name, "a parameter's name is wanted");
      if (lexer_.peek().is("*") || lexer_.peek().kind == Token::Kind::name) throw unsupported(name, known_types);
      const unsigned number = names_.reg(thread_, name.text, name.line);
      names_.test.threads[thread_].registers[number].initial = address_of(names_.location(name.text, name.line));
      if (!lexer_.peek().is(")")) lexer_.expect(",", "between parameters");
    }
  }

  // `foo x` and `foo *x`: foo may be a type, and is none that is known.
  void refuse_as_type() const {
    Lexer ahead = lexer_;
    const Token type = ahead.next();
    const Token next = ahead.next();
    if (next.kind == Token::Kind::name || (next.is("*") && ahead.peek().kind == Token::Kind::name)) {
      throw unsupported(type, known_types);
    }
  }

  void statement(std::vector<Statement>& out) {
    const Nesting nesting(expressions_.depth(), lexer_.peek().line);
    const Token token = lexer_.peek();
    if (token.kind == Token::Kind::end) throw unexpected(token, "a process has no end; close it with }");
    if (lexer_.take(";")) return;
    if (lexer_.take("{")) {
      while (!lexer_.take("}")) statement(out);
    } else if (token.is("if") || token.is("while")) {
      branch_or_loop(out);
    } else if (std::find(unknown_statements.begin(), unknown_statements.end(), token.text) !=
               unknown_statements.end()) {
      throw unsupported(token, "the statements are `if`, `while`, assignments and calls");
    } else if (expressions_.skip_type()) {
      declarations(out);
    } else {
      simple(out);
      lexer_.expect(";", "behind a statement");
    }
  }

  void branch_or_loop(std::vector<Statement>& out) {
    const Token token = lexer_.next();
    Statement made;
    made.kind = token.is("if") ? Statement::Kind::branch : Statement::Kind::loop;
    made.line = token.line;
    lexer_.expect("(", fmt::format("behind `{}`", token.text));
    made.exprs.push_back(expressions_.expression());
    lexer_.expect(")", "behind a condition");
    statement(made.body);
    if (token.is("if") && lexer_.take("else")) statement(made.otherwise);
    out.push_back(std::move(made));
  }

  // `int r1 = e, *r2;` behind the type.
  void declarations(std::vector<Statement>& out) {
    do {
      while (lexer_.take("*")) {
      }
      const Token name = lexer_.next();
      if (name.kind != Token::Kind::name) throw unexpected(name, "a register's name is wanted");
      if (lexer_.peek().is("[")) throw unsupported(name, "arrays are not done; use a location for each cell");
      const unsigned reg = names_.reg(thread_, name.text, name.line);
      if (lexer_.take("=")) assign(out, reg, name.line);
    } while (lexer_.take(","));
    lexer_.expect(";", "behind a declaration");
  }

  void assign(std::vector<Statement>& out, unsigned reg, unsigned line) {
    Statement made;
    made.kind = Statement::Kind::assign;
    made.line = line;
    made.reg = reg;
    made.exprs.push_back(expressions_.expression());
    out.push_back(std::move(made));
  }

  void simple(std::vector<Statement>& out) {
    const Token token = lexer_.peek();
    if (token.kind == Token::Kind::name) {
      Lexer ahead = lexer_;
      ahead.next();
      if (ahead.peek().kind == Token::Kind::name) refuse_as_type();
      lexer_.next();
      const bool is_call = lexer_.peek().is("(");
      if (lexer_.take("=")) {
        assign(out, names_.reg(thread_, token.text, token.line), token.line);
      } else if (is_call && !starts_an_expression()) {
        for (Statement& one : expressions_.call(token)) out.push_back(std::move(one));
      } else {
        evaluate(out, expressions_.starting_with(token), token.line);
      }
    } else if (lexer_.take("*")) {
      Expr address = expressions_.address();
      Statement made;
      made.line = token.line;
      made.exprs.push_back(std::move(address));
      if (lexer_.take("=")) {
        made.kind = Statement::Kind::store;
        made.exprs.push_back(expressions_.expression());
      } else {
        Expr load;
        load.kind = Expr::Kind::load;
        load.line = token.line;
        load.operands = std::move(made.exprs);
        made.exprs.clear();
        made.exprs.push_back(std::move(load));
      }
      out.push_back(std::move(made));
    } else {
      evaluate(out, expressions_.expression(), token.line);
    }
  }

  // Does something stand behind the call that begins here, as in `f(x) == 1;`?
  bool starts_an_expression() const {
    Lexer ahead = lexer_;
    unsigned depth = 0;
    do {
      const Token token = ahead.next();
      if (token.kind == Token::Kind::end) return false;
      if (token.is("(")) ++depth;
      if (token.is(")")) --depth;
    } while (depth != 0);
    return !ahead.peek().is(";");
  }

  static void evaluate(std::vector<Statement>& out, Expr value, unsigned line) {
    Statement made;
    made.kind = Statement::Kind::evaluate;
    made.line = line;
    made.exprs.push_back(std::move(value));
    out.push_back(std::move(made));
  }

  Lexer& lexer_;
  Names& names_;
  unsigned thread_;
  Expressions expressions_;
};

// How many events a thread has at most. A product of nested loops saturates.
class EventCount {
 public:
  static constexpr std::uint64_t many = 1'000'000;

  static std::uint64_t of(const std::vector<Statement>& statements) {
    std::uint64_t sum = 0;
    for (const Statement& one : statements) sum = std::min(sum + of(one), many);
    return sum;
  }

 private:
  static std::uint64_t of(const Expr& expr) {
    std::uint64_t sum = 0;
    switch (expr.kind) {
      case Expr::Kind::constant:
      case Expr::Kind::reg:
      case Expr::Kind::op: break;
      case Expr::Kind::load:
      case Expr::Kind::is_locked:
      case Expr::Kind::srcu_lock: sum = 1; break;
      case Expr::Kind::trylock:
      case Expr::Kind::rmw:
      case Expr::Kind::cmpxchg:
      case Expr::Kind::add_unless: sum = 2; break;
      case Expr::Kind::cas: sum = 3; break;
    }
    for (const Expr& operand : expr.operands) sum += of(operand);
    return sum;
  }
  static std::uint64_t of(const Statement& s) {
    std::uint64_t sum = 0;
    for (const Expr& expr : s.exprs) sum += of(expr);
    switch (s.kind) {
      case Statement::Kind::assign:
      case Statement::Kind::evaluate: return sum;
      case Statement::Kind::store:
      case Statement::Kind::event:
      case Statement::Kind::unlock:
      case Statement::Kind::srcu_unlock:
      case Statement::Kind::sync_srcu: return sum + 1;
      case Statement::Kind::lock: return sum + 2;
      case Statement::Kind::branch: return sum + std::max(of(s.body), of(s.otherwise));
      case Statement::Kind::loop: return std::min(sum + Limits::loop_max * (sum + of(s.body)), many);
    }
    return sum;
  }
};

}  // namespace

void parse_processes(Lexer& lexer, Names& names) {
  while (true) {
    lexer.skip_state_comments();
    Token token = lexer.peek();
    if (token.kind == Token::Kind::end || begins_conditions(token)) break;
    while (token.is("void") || token.is("static") || token.is("int") || token.is("*")) {
      lexer.next();
      token = lexer.peek();
    }
    const unsigned thread = names.threads();
    const unsigned line = token.line;
    if (token.is("{")) throw unsupported(token, "text before the processes is not read");
    if (token.is("regions") || token.is("scopes")) throw unsupported(token, "the memory has no regions here");
    if (!token.is(fmt::format("P{}", thread))) {
      throw unexpected(token, fmt::format("process P{}, or `exists` and a condition, is wanted", thread));
    }
    lexer.next();
    names.add_thread(line);
    Process(lexer, names, thread).read();
    if (EventCount::of(names.test.threads[thread].body) > Limits::events_max) {
      throw SyntaxError{line, true, fmt::format("process P{}", thread),
                        fmt::format("it may have {} accesses and fences, loops gone through {} times",
                                    Limits::events_max, Limits::loop_max)};
    }
  }
  if (names.threads() == 0) throw unexpected(lexer.peek(), "a process is wanted: P0(int *x) { ... }");
}

}  // namespace rcufarm::litmus
