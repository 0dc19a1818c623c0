// A litmus test as it was read: what the interpreter walks and what the answer is about.
//
// Job: plain values, made by parse() and read by everybody. Names have become numbers: locations, and registers by thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "litmus/event.h"

namespace rcufarm::litmus {

// What is more than this is an error, not a long wait.
struct Limits {
  static constexpr std::size_t bytes_max = 1 << 20;  // of a file
  static constexpr unsigned threads_max = 32;
  static constexpr unsigned registers_max = 256;  // of a thread
  static constexpr unsigned locations_max = 256;
  static constexpr unsigned events_max = 64;  // of a thread: sets of its reads are bits of a word
  static constexpr unsigned nesting_max = 64;
  static constexpr unsigned loop_max = 2;  // times that a `while` is gone through, as in herd7
};

enum class Op : std::uint8_t {
  assign,  // of a read-modify-write: xchg
  add,
  sub,
  mul,
  div,
  bit_and,
  bit_and_not,
  bit_or,
  bit_xor,
  equal,
  not_equal,
  less,
  greater,
  less_equal,
  greater_equal,
};

// What a read-modify-write returns.
enum class Gives : std::uint8_t { before, after, nothing };

struct Expr {
  enum class Kind : std::uint8_t {
    constant,    // value
    reg,         // reg
    op,          // op; operands: left, right
    load,        // order; operands: address
    rmw,         // op, order, full, gives; operands: address, operand
    cmpxchg,     // order, full; operands: address, expected, desired
    add_unless,  // operands: address, addend, limit
    cas,         // order, failure; operands: address, address of what is expected, desired
    trylock,     // operands: address
    is_locked,   // operands: address
    srcu_lock,   // operands: address
  };
  Kind kind = Kind::constant;
  Op op = Op::add;
  Gives gives = Gives::before;
  Order order = Order::plain;
  Order failure = Order::plain;
  bool full = false;  // a full barrier on both sides
  bool c11 = false;   // of a read-modify-write: it is one event of C11, and orders both of its parts
  unsigned reg = 0;
  Value value = 0;
  std::vector<Expr> operands{};
  unsigned line = 0;
};

struct Statement {
  enum class Kind : std::uint8_t {
    assign,       // reg; exprs: value
    evaluate,     // exprs: value
    store,        // order; exprs: address, value
    event,        // event, fence: what has no operands
    lock,         // exprs: address
    unlock,       // exprs: address
    srcu_unlock,  // exprs: address, index
    sync_srcu,    // exprs: address
    branch,       // exprs: condition; body, otherwise
    loop,         // exprs: condition; body
  };
  Kind kind = Kind::evaluate;
  Order order = Order::plain;
  EventKind event = EventKind::fence;
  Fence fence = Fence::none;
  unsigned reg = 0;
  std::vector<Expr> exprs{};
  std::vector<Statement> body{};
  std::vector<Statement> otherwise{};
  unsigned line = 0;
};

struct Register {
  std::string name;
  Value initial = 0;
};

struct Thread {
  std::vector<Register> registers;  // the parameters first
  std::vector<Statement> body;
};

struct Place {
  bool is_register = false;
  unsigned thread = 0;
  unsigned number = 0;  // of the register or location
  friend auto operator<=>(const Place&, const Place&) = default;
};

struct Prop {
  enum class Kind : std::uint8_t {
    truth,
    falsehood,
    equals_value,
    equals_place,
    negation,
    conjunction,
    disjunction,
    implication
  };
  Kind kind = Kind::truth;
  Place left{};
  Place right{};
  Value value = 0;
  std::vector<Prop> parts{};
};

enum class Quantifier : std::uint8_t { exists, not_exists, forall };

struct NamedLocation {
  std::string name;
  Value initial = 0;
};

struct LitmusTest {
  std::string name;
  std::vector<NamedLocation> locations;
  std::vector<Thread> threads;
  Quantifier quantifier = Quantifier::exists;
  Prop condition;
  bool filtered = false;
  Prop filter;
  std::vector<Place> shown;  // by `locations`
  bool uses_kernel = false;  // the kernel's primitives
  bool uses_c11 = false;     // C11's atomic types or calls
  bool calls_c11 = false;
  // What the test says of itself in a comment, `Result: Never DATARACE`: the first word, and is there the second.
  std::string result;
  bool result_races = false;
};

}  // namespace rcufarm::litmus
