// The initial state and the conditions: the language of states.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "litmus/address.h"
#include "litmus/parser.h"

namespace rcufarm::litmus {

namespace {

constexpr std::array condition_words{"exists", "forall",   "locations", "filter",
                                     "final",  "observed", "Observed",  "cases"};

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A thread as `0` or `P0`, with `:` behind it; else nothing is read.
bool names_thread(const Token& token) {
  if (token.kind == Token::Kind::number) return is_number(token.text);
  return token.kind == Token::Kind::name && token.text.starts_with("P") && is_number(token.text.substr(1));
}
unsigned thread_of(const Token& token) {
  std::string_view digits = token.text;
  if (digits.starts_with("P")) digits.remove_prefix(1);
  return digits.size() > 4 ? 9999 : static_cast<unsigned>(std::stoul(std::string(digits)));
}

std::string_view name_next(Lexer& lexer, std::string_view what) {
  const Token token = lexer.next();
  if (token.kind != Token::Kind::name) throw unexpected(token, std::string(what) + " is wanted");
  return token.text;
}

// A number or a location, which is its address.
Value read_value(Lexer& lexer, Names& names) {
  const Token token = lexer.peek();
  if (lexer.take("-")) return -read_number(lexer);
  if (token.kind == Token::Kind::number) return read_number(lexer);
  lexer.take("&");
  if (lexer.peek().is("{")) throw unsupported(lexer.peek(), "arrays have no values here; use a location for each cell");
  const Token name = lexer.next();
  if (name.kind != Token::Kind::name) throw unexpected(name, "a number or a location is wanted");
  if (lexer.peek().is("[")) throw unsupported(name, "arrays are not done; use a location for each cell");
  return address_of(names.location(name.text, name.line));
}

class InitialState {
 public:
  InitialState(Lexer& lexer, Names& names) : lexer_(lexer), names_(names) {}

  std::vector<InitialRegister> read() {
    while (!lexer_.take("}")) {
      if (lexer_.take(";")) continue;
      item();
      if (!lexer_.peek().is("}")) lexer_.expect(";", "behind an item of the initial state");
    }
    return std::move(registers_);
  }

 private:
  // [type] [*] (x | [x] | 0:r1) [= value]. Of names in a row the last is what is declared.
  void item() {
    Token token = lexer_.next();
    while (true) {
      while (token.is("*")) token = lexer_.next();
      if (token.is("[")) {
        const Token name = lexer_.next();
        if (name.kind != Token::Kind::name) throw unexpected(name, "a location is wanted");
        lexer_.expect("]", "behind a location");
        set_location(name);
        return;
      }
      if (names_thread(token) && lexer_.take(":")) {
        const unsigned line = token.line;
        const std::string name(name_next(lexer_, "a register"));
        registers_.push_back({thread_of(token), name, lexer_.take("=") ? read_value(lexer_, names_) : 0, line});
        return;
      }
      if (token.kind != Token::Kind::name) throw unexpected(token, "a location or a register is wanted");
      const Token& next = lexer_.peek();
      if (next.is("[")) throw unsupported(token, "arrays are not done; use a location for each cell");
      const bool is_type = next.kind == Token::Kind::name || next.is("*") || next.kind == Token::Kind::number;
      if (!is_type) {
        set_location(token);
        return;
      }
      if (token.is("atomic_int") || token.is("_Atomic")) names_.test.uses_c11 = true;
      token = lexer_.next();
    }
  }

  void set_location(const Token& name) {
    const Location location = names_.location(name.text, name.line);
    if (!lexer_.take("=")) return;
    const bool macro = lexer_.take("ATOMIC_INIT");
    if (macro) lexer_.expect("(", "behind ATOMIC_INIT");
    const Value value = read_value(lexer_, names_);
    names_.test.locations[location].initial = value;
    if (macro) lexer_.expect(")", "behind ATOMIC_INIT's value");
  }

  Lexer& lexer_;
  Names& names_;
  std::vector<InitialRegister> registers_;
};

class Conditions {
 public:
  Conditions(Lexer& lexer, Names& names) : lexer_(lexer), names_(names) {}

  void read() {
    if (lexer_.take("locations")) locations();
    if (lexer_.take("filter")) {
      names_.test.filtered = true;
      names_.test.filter = prop(0);
    }
    final_condition();
    lexer_.take(";");
    const Token token = lexer_.peek();
    if (token.is("with")) throw unsupported(token, "state one condition");
    if (token.kind != Token::Kind::end && !token.is("<<")) throw unexpected(token, "the end of the file is wanted");
  }

 private:
  void final_condition() {
    const Token token = lexer_.next();
    Quantifier& quantifier = names_.test.quantifier;
    if (token.kind == Token::Kind::end) {  // `forall (true)`, as in herd7
      quantifier = Quantifier::forall;
      return;
    }
    if (token.is("observed") || token.is("Observed") || token.is("cases")) {
      throw unsupported(token, "write `exists` and a condition");
    }
    if (token.is("forall")) {
      quantifier = Quantifier::forall;
    } else if (token.is("~") || token.is("not")) {
      lexer_.expect("exists", "behind `~`");
      quantifier = Quantifier::not_exists;
    } else if (token.is("(")) {
      names_.test.condition = prop(0);
      lexer_.expect(")", "at the end of the condition");
      return;
    } else if (!token.is("exists") && !token.is("final")) {
      throw unexpected(token, "`exists`, `~exists` or `forall` is wanted");
    }
    names_.test.condition = prop(0);
  }

  void locations() {
    lexer_.expect("[", "behind `locations`");
    while (!lexer_.take("]")) {
      if (lexer_.take(";") || lexer_.take(",") || lexer_.take("/\\") || lexer_.take("\\/")) continue;
      const Place read = place();
      names_.test.shown.push_back(read);
      // A type may follow: 0:r1 int*;
      while (lexer_.peek().kind == Token::Kind::name || lexer_.peek().is("*")) lexer_.next();
    }
  }

  // 0:r1, x or [x].
  Place place() {
    const Token token = lexer_.next();
    if (names_thread(token) && lexer_.peek().is(":")) return register_of(token);
    if (token.is("[")) {
      const Token name = lexer_.next();
      if (name.kind != Token::Kind::name) throw unexpected(name, "a location is wanted");
      lexer_.expect("]", "behind a location");
      return {false, 0, names_.location(name.text, name.line)};
    }
    if (token.kind != Token::Kind::name) throw unexpected(token, "a register (`0:r1`) or a location is wanted");
    if (token.is("fault") || token.is("Fault")) throw unsupported(token, "C tests have no faults");
    if (lexer_.peek().is("[")) throw unsupported(token, "arrays are not done; use a location for each cell");
    return {false, 0, names_.location(token.text, token.line)};
  }

  Place register_of(const Token& thread) {
    lexer_.expect(":", "behind a process");
    const unsigned number = thread_of(thread);
    if (number >= names_.threads()) throw unexpected(thread, fmt::format("there is no process P{}", number));
    return {true, number, names_.reg(number, name_next(lexer_, "a register"), thread.line)};
  }

  // From the weakest to the strongest: \/, /\, =>, ~.
  Prop prop(unsigned level) {
    if (level == 3) return single();
    constexpr std::array signs{"\\/", "/\\", "=>"};
    constexpr std::array kinds{Prop::Kind::disjunction, Prop::Kind::conjunction, Prop::Kind::implication};
    Prop left = prop(level + 1);
    while (lexer_.take(signs[level])) {
      // => goes together to the right, the others are the same either way: a \/ b \/ c is one.
      Prop right = level == 2 ? implied() : prop(level + 1);
      if (level != 2 && left.kind == kinds[level]) {
        left.parts.push_back(std::move(right));
      } else {
        Prop both;
        both.kind = kinds[level];
        both.parts.push_back(std::move(left));
        both.parts.push_back(std::move(right));
        left = std::move(both);
      }
    }
    return left;
  }

  Prop implied() {
    const Nesting nesting(depth_, lexer_.peek().line);
    return prop(2);
  }

  Prop single() {
    const Nesting nesting(depth_, lexer_.peek().line);
    if (lexer_.take("true")) return {};
    if (lexer_.take("false")) return kind_only(Prop::Kind::falsehood);
    if (lexer_.take("~") || lexer_.take("not")) {
      Prop negation = kind_only(Prop::Kind::negation);
      negation.parts.push_back(prop(3));
      return negation;
    }
    if (lexer_.take("(")) {
      Prop inner = prop(0);
      lexer_.expect(")", "in a condition");
      return inner;
    }
    return comparison();
  }

  static Prop kind_only(Prop::Kind kind) {
    Prop prop;
    prop.kind = kind;
    return prop;
  }

  Prop comparison() {
    Prop atom = kind_only(Prop::Kind::equals_value);
    atom.left = place();
    const bool differs = lexer_.take("!=") || lexer_.take("<>");
    if (!differs && !lexer_.take("==")) lexer_.expect("=", "behind a register or location");
    right_side(atom);
    if (!differs) return atom;
    Prop negation = kind_only(Prop::Kind::negation);
    negation.parts.push_back(std::move(atom));
    return negation;
  }

  // x is x's address, and [x] and *x what is there.
  void right_side(Prop& atom) {
    const Token token = lexer_.peek();
    if (token.is("[")) {
      atom.kind = Prop::Kind::equals_place;
      atom.right = place();
    } else if (lexer_.take("*")) {
      atom.kind = Prop::Kind::equals_place;
      atom.right = place();
    } else if (names_thread(token)) {
      Lexer ahead = lexer_;
      ahead.next();
      if (ahead.peek().is(":")) {
        atom.kind = Prop::Kind::equals_place;
        atom.right = place();
      } else {
        atom.value = read_value(lexer_, names_);
      }
    } else {
      atom.value = read_value(lexer_, names_);
    }
  }

  Lexer& lexer_;
  Names& names_;
  unsigned depth_ = 0;
};

}  // namespace

bool begins_conditions(const Token& token) {
  if (token.is("~")) return true;
  return token.kind == Token::Kind::name &&
         std::find(condition_words.begin(), condition_words.end(), token.text) != condition_words.end();
}

std::vector<InitialRegister> parse_initial_state(Lexer& lexer, Names& names) {
  return InitialState(lexer, names).read();
}

void parse_conditions(Lexer& lexer, Names& names) { Conditions(lexer, names).read(); }

}  // namespace rcufarm::litmus
