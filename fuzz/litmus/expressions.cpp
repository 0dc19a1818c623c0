#include "litmus/expressions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rcufarm::litmus {

namespace {

using Form = Primitive::Form;

constexpr std::array type_words{"int",      "char",     "long",     "short",      "unsigned", "signed",     "void",
                                "bool",     "int8_t",   "uint8_t",  "int16_t",    "uint16_t", "int32_t",    "uint32_t",
                                "int64_t",  "uint64_t", "intptr_t", "uintptr_t",  "atomic_t", "spinlock_t", "const",
                                "volatile", "_Atomic",  "atomic",   "atomic_int", "struct"};

struct Sign {
  std::string_view text;
  Op op;
  unsigned level;
};
// In the order of C. A comparison of comparisons wants parentheses.
constexpr unsigned comparison_level = 3;
constexpr unsigned levels = 6;
constexpr std::array<Sign, 13> signs{{{"|", Op::bit_or, 0},
                                      {"^", Op::bit_xor, 1},
                                      {"&", Op::bit_and, 2},
                                      {"==", Op::equal, comparison_level},
                                      {"!=", Op::not_equal, comparison_level},
                                      {"<", Op::less, comparison_level},
                                      {">", Op::greater, comparison_level},
                                      {"<=", Op::less_equal, comparison_level},
                                      {">=", Op::greater_equal, comparison_level},
                                      {"+", Op::add, 4},
                                      {"-", Op::sub, 4},
                                      {"*", Op::mul, 5},
                                      {"/", Op::div, 5}}};
constexpr std::array unknown_signs{"&&", "||", "<<", ">>", "%",  "?",  "++", "--", "->",
                                   ".",  "[",  "+=", "-=", "*=", "|=", "&=", "^="};

const Sign* sign_of(const Token& token, unsigned level) {
  if (token.kind != Token::Kind::punctuation) return nullptr;
  for (const Sign& sign : signs) {
    if (sign.level == level && sign.text == token.text) return &sign;
  }
  return nullptr;
}

unsigned arguments_of(const Primitive& p) {
  switch (p.form) {
    case Form::event:
    case Form::c11_fence: return 0;
    case Form::load_from:
    case Form::load:
    case Form::rmw_by_one:
    case Form::lock:
    case Form::unlock:
    case Form::trylock:
    case Form::is_locked:
    case Form::srcu_lock:
    case Form::sync_srcu: return 1;
    case Form::store_to:
    case Form::store_to_and_mb:
    case Form::store:
    case Form::rmw:
    case Form::rmw_value_first:
    case Form::srcu_unlock: return 2;
    case Form::cmpxchg:
    case Form::add_unless:
    case Form::cas: return 3;
  }
  return 0;
}

Fence fence_of(Order order) {
  switch (order) {
    case Order::plain:
    case Order::once: return Fence::none;
    case Order::acquire: return Fence::acquire;
    case Order::release: return Fence::release;
    case Order::acq_rel: return Fence::acq_rel;
    case Order::seq_cst: return Fence::seq_cst;
  }
  return Fence::none;
}

Statement statement(Statement::Kind kind, unsigned line, std::vector<Expr> exprs = {}) {
  Statement made;
  made.kind = kind;
  made.line = line;
  made.exprs = std::move(exprs);
  return made;
}

}  // namespace

Expr Expressions::of(Expr::Kind kind, unsigned line, std::vector<Expr> operands) const {
  Expr made;
  made.kind = kind;
  made.line = line;
  made.operands = std::move(operands);
  return made;
}

Expr Expressions::constant(Value value, unsigned line) const {
  Expr made = of(Expr::Kind::constant, line, {});
  made.value = value;
  return made;
}

bool Expressions::skip_type() {
  bool any = false;
  while (true) {
    const Token token = lexer_.peek();
    const bool known = std::find(type_words.begin(), type_words.end(), token.text) != type_words.end();
    if (token.kind != Token::Kind::name || !known) break;
    lexer_.next();
    any = true;
    if (token.is("struct") && !lexer_.take("srcu_struct")) {
      throw unsupported(lexer_.peek(), "the one struct that is known is srcu_struct; use a location for each field");
    }
    if (token.is("atomic")) {
      lexer_.expect("<", "behind `atomic`");
      if (!skip_type()) throw unexpected(lexer_.peek(), "a type is wanted");
      lexer_.expect(">", "behind the type of an atomic");
    }
    if (token.is("atomic_int") || token.is("_Atomic") || token.is("atomic")) names_.test.uses_c11 = true;
  }
  while (any && (lexer_.take("*") || lexer_.take("const") || lexer_.take("volatile"))) {
  }
  return any;
}

Expr Expressions::binary(unsigned level) {
  if (level == levels) return unary();
  return more_of_binary(binary(level + 1), level);
}

Expr Expressions::more_of_binary(Expr left, unsigned level) {
  for (unsigned compared = 0;; ++compared) {
    const Token token = lexer_.peek();
    const Sign* sign = sign_of(token, level);
    if (sign == nullptr) break;
    if (level == comparison_level && compared != 0)
      throw unexpected(token, "put one of the comparisons into parentheses");
    lexer_.next();
    Expr right = binary(level + 1);
    left = of(Expr::Kind::op, token.line, {std::move(left), std::move(right)});
    left.op = sign->op;
  }
  const Token& next = lexer_.peek();
  if (next.is("{")) throw unsupported(next, "herd7's own primitives are not read; call the kernel's");
  if (next.kind == Token::Kind::punctuation &&
      std::find(unknown_signs.begin(), unknown_signs.end(), next.text) != unknown_signs.end()) {
    throw unsupported(next, "the operators are + - * / & | ^ and comparisons");
  }
  return left;
}

Expr Expressions::starting_with(const Token& name) {
  Expr left = lexer_.peek().is("(") ? call_value(name) : of(Expr::Kind::reg, name.line, {});
  if (left.kind == Expr::Kind::reg) left.reg = names_.reg(thread_, name.text, name.line);
  for (unsigned level = levels; level-- > 0;) left = more_of_binary(std::move(left), level);
  return left;
}

Expr Expressions::unary() {
  const Nesting nesting(depth_, lexer_.peek().line);
  const Token token = lexer_.peek();
  if (lexer_.take("*")) return of(Expr::Kind::load, token.line, {address()});
  if (lexer_.take("-")) {
    if (lexer_.peek().kind == Token::Kind::number) return constant(-read_number(lexer_), token.line);
    Expr difference = of(Expr::Kind::op, token.line, {constant(0, token.line), unary()});
    difference.op = Op::sub;
    return difference;
  }
  if (token.is("&")) throw unsupported(token, "a location's name is its address: write `x`");
  if (token.is("!") || token.is("~")) throw unsupported(token, "compare with 0");
  return primary();
}

Expr Expressions::address() { return unary(); }

Expr Expressions::primary() {
  const Token token = lexer_.peek();
  if (token.kind == Token::Kind::number) return constant(read_number(lexer_), token.line);
  if (lexer_.take("(")) {
    if (skip_type()) {  // a cast: all values are ints or addresses
      lexer_.expect(")", "behind the type of a cast");
      return unary();
    }
    Expr inner = expression();
    lexer_.expect(")", "in an expression");
    return inner;
  }
  if (token.kind != Token::Kind::name) throw unexpected(token, "an expression is wanted");
  lexer_.next();
  if (lexer_.peek().is("(")) return call_value(token);
  Expr reg = of(Expr::Kind::reg, token.line, {});
  reg.reg = names_.reg(thread_, token.text, token.line);
  return reg;
}

Order Expressions::read_order() {
  const Token token = lexer_.next();
  if (token.is("memory_order_relaxed")) return Order::once;
  if (token.is("memory_order_acquire")) return Order::acquire;
  if (token.is("memory_order_release")) return Order::release;
  if (token.is("memory_order_acq_rel")) return Order::acq_rel;
  if (token.is("memory_order_seq_cst")) return Order::seq_cst;
  if (token.is("memory_order_consume")) throw unsupported(token, "use memory_order_acquire");
  throw unexpected(token, "a memory_order is wanted");
}

Expressions::Call Expressions::read_call(const Token& name) {
  const std::optional<Primitive> found = primitive_named(name.text);
  if (!found) throw unsupported(name, "it is no primitive that is known");
  Call call{*found, {}, {}};
  if (found->c11) names_.test.uses_c11 = names_.test.calls_c11 = true;
  if (!found->c11) names_.test.uses_kernel = true;
  lexer_.expect("(", "behind a call's name");
  const unsigned wanted = arguments_of(call.primitive);
  for (unsigned i = 0; i < wanted; ++i) {
    if (i != 0) lexer_.expect(",", "between arguments");
    call.arguments.push_back(expression());
  }
  for (unsigned i = 0; i < call.primitive.orders; ++i) {
    if (i + wanted != 0) lexer_.expect(",", "between arguments");
    call.orders.push_back(read_order());
  }
  lexer_.expect(")", fmt::format("behind the {} arguments of {}", wanted + call.primitive.orders, name.text));
  const bool by_lvalue = call.primitive.form == Form::load_from || call.primitive.form == Form::store_to ||
                         call.primitive.form == Form::store_to_and_mb;
  if (by_lvalue) {
    Expr& at = call.arguments.front();
    if (at.kind != Expr::Kind::load || at.order != Order::plain) {
      throw unexpected(name, "its first argument is what an address points to: `*x`");
    }
    Expr inner = std::move(at.operands.front());
    at = std::move(inner);
  }
  if (!call.orders.empty()) call.primitive.order = call.orders.front();
  return call;
}

Expr Expressions::value_of(Call call, const Token& name) const {
  const Primitive& p = call.primitive;
  Expr made = of(Expr::Kind::load, name.line, std::move(call.arguments));
  made.order = p.order;
  made.full = p.full;
  made.c11 = p.c11;
  made.op = p.op;
  made.gives = p.gives;
  made.failure = call.orders.size() > 1 ? call.orders[1] : p.order;
  switch (p.form) {
    case Form::load_from:
    case Form::load: made.kind = Expr::Kind::load; break;
    case Form::rmw_by_one: made.operands.push_back(constant(1, name.line)); [[fallthrough]];
    case Form::rmw: made.kind = Expr::Kind::rmw; break;
    case Form::rmw_value_first:
      made.kind = Expr::Kind::rmw;
      std::swap(made.operands[0], made.operands[1]);
      break;
    case Form::cmpxchg: made.kind = Expr::Kind::cmpxchg; break;
    case Form::add_unless: made.kind = Expr::Kind::add_unless; break;
    case Form::cas: made.kind = Expr::Kind::cas; break;
    case Form::trylock: made.kind = Expr::Kind::trylock; break;
    case Form::is_locked: made.kind = Expr::Kind::is_locked; break;
    case Form::srcu_lock: made.kind = Expr::Kind::srcu_lock; break;
    case Form::store_to:
    case Form::store_to_and_mb:
    case Form::store:
    case Form::event:
    case Form::lock:
    case Form::unlock:
    case Form::srcu_unlock:
    case Form::sync_srcu:
    case Form::c11_fence: throw unexpected(name, "it gives no value; make it a statement");
  }
  if (!p.tests) return made;
  Expr test = of(Expr::Kind::op, name.line, {std::move(made), constant(0, name.line)});
  test.op = p.test;
  return test;
}

Expr Expressions::call_value(const Token& name) {
  Call call = read_call(name);
  if (gives_nothing(call.primitive)) throw unexpected(name, "it gives no value; make it a statement");
  return value_of(std::move(call), name);
}

std::vector<Statement> Expressions::effects_of(Call call, const Token& name) const {
  const Primitive& p = call.primitive;
  std::vector<Statement> made;
  switch (p.form) {
    case Form::store_to:
    case Form::store_to_and_mb:
    case Form::store:
      made.push_back(statement(Statement::Kind::store, name.line, std::move(call.arguments)));
      made.back().order = p.order;
      if (p.form == Form::store_to_and_mb) {
        made.push_back(statement(Statement::Kind::event, name.line));
        made.back().fence = Fence::mb;
      }
      break;
    case Form::event:
    case Form::c11_fence:
      made.push_back(statement(Statement::Kind::event, name.line));
      made.back().event = p.event;
      made.back().fence = p.form == Form::c11_fence ? fence_of(p.order) : p.fence;
      break;
    case Form::lock: made.push_back(statement(Statement::Kind::lock, name.line, std::move(call.arguments))); break;
    case Form::unlock: made.push_back(statement(Statement::Kind::unlock, name.line, std::move(call.arguments))); break;
    case Form::srcu_unlock:
      made.push_back(statement(Statement::Kind::srcu_unlock, name.line, std::move(call.arguments)));
      break;
    case Form::sync_srcu:
      made.push_back(statement(Statement::Kind::sync_srcu, name.line, std::move(call.arguments)));
      break;
    case Form::load_from:
    case Form::load:
    case Form::rmw:
    case Form::rmw_value_first:
    case Form::rmw_by_one:
    case Form::cmpxchg:
    case Form::add_unless:
    case Form::cas:
    case Form::trylock:
    case Form::is_locked:
    case Form::srcu_lock: {
      std::vector<Expr> value;
      value.push_back(value_of(std::move(call), name));
      made.push_back(statement(Statement::Kind::evaluate, name.line, std::move(value)));
      break;
    }
  }
  return made;
}

std::vector<Statement> Expressions::call(const Token& name) { return effects_of(read_call(name), name); }

}  // namespace rcufarm::litmus
