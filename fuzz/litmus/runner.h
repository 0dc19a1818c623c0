// One thread of a litmus test, run on given values.
//
// Job: events with their dependencies, for interpret.cpp. Owns the state of one run; made, run once and thrown away.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "litmus/ast.h"

namespace rcufarm::litmus {

class Runner {
 public:
  Runner(const Thread& thread, unsigned number, std::span<const Value> reads);
  ThreadTrace run();

  // "12: a division by 0", if the thread came to such a thing; "" else.
  const std::string& senseless() const { return senseless_; }
  bool met_loop_bound() const { return met_loop_bound_; }

 private:
  using Reads = std::uint64_t;  // events of this thread, as bits
  static_assert(Limits::events_max <= 64);

  // A value, and the reads it came from: those in this expression itself, those whose values registers brought, and (`ruled`)
  // those that decided whether the registers were assigned at all.
  struct Result {
    Value value = 0;
    Reads direct = 0;
    Reads carried = 0;
    Reads ruled = 0;
    Reads data() const { return direct | carried; }
    void add_sources(const Result& other);
  };

  // What is read while a condition is computed, whether it is part of its value or not.
  struct Condition {
    Reads control = 0;  // what happens in the body depends on these
    Reads ruled = 0;    // and what is assigned there on these
  };
  // The body of an `if`.
  class Scope {
   public:
    Scope(Runner& runner, const Condition& condition);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Runner& runner_;
    const Reads control_;
    const Reads ruled_;
  };

  static std::vector<unsigned> listed(Reads reads);
  static Reads bit_of(unsigned index) { return Reads{1} << index; }

  // Events. Each may be the thread's last: stopped_ says so.
  Event& add(EventKind kind, Order order, unsigned line);
  Event* add_access(EventKind kind, Order order, Part part, const Result& address, unsigned line);
  std::optional<Value> read(Order order, Part part, const Result& address, unsigned line);
  void write(Order order, Part part, const Result& address, const Result& value, Reads more_data, unsigned line);
  // Of the read-modify-write whose read came last.
  void write_of_rmw(Order order, Part part, const Result& address, const Result& value, Reads more_data, unsigned line);
  void cut();

  // Expressions; what they give means nothing once the thread has stopped.
  Result evaluate(const Expr& expr);
  bool evaluate_all(const Expr& expr, std::span<Result> operands);  // false: stopped
  Value compute(Op op, Value left, Value right, unsigned line);
  Result reg(unsigned number);
  Result rmw(const Expr& expr);
  Result cmpxchg(const Expr& expr);
  Result add_unless(const Expr& expr);
  Result cas(const Expr& expr);
  Result trylock(const Expr& expr);
  Result is_locked(const Expr& expr);
  Result srcu_lock(const Expr& expr);

  void perform(const std::vector<Statement>& statements);
  void perform(const Statement& statement);
  void loop(const Statement& statement, unsigned gone);
  bool decide(const Expr& expr, Condition& condition);

  const Thread& thread_;
  const unsigned number_;
  const std::span<const Value> reads_;
  std::size_t next_read_ = 0;
  unsigned last_read_ = 0;  // its event
  std::vector<Result> registers_;
  Reads control_ = 0;               // of the bodies that are being run
  Reads ruled_ = 0;                 // the same, for what registers carry
  Condition* condition_ = nullptr;  // that is being computed
  bool stopped_ = false;
  bool met_loop_bound_ = false;
  std::string senseless_;
  ThreadTrace trace_;
};

}  // namespace rcufarm::litmus
