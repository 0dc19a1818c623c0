#include "litmus/interpret.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <optional>

#include "litmus/address.h"

namespace rcufarm::litmus {

namespace {

using Reads = std::uint64_t;  // events of this thread, as bits
static_assert(Limits::events_max <= 64);

Reads bit_of(unsigned index) { return Reads{1} << index; }

std::vector<unsigned> listed(Reads reads) {
  std::vector<unsigned> list;
  list.reserve(static_cast<std::size_t>(std::popcount(reads)));
  for (; reads != 0; reads &= reads - 1) list.push_back(static_cast<unsigned>(std::countr_zero(reads)));
  return list;
}

Value wrapped(Value value) { return static_cast<std::int32_t>(static_cast<std::uint32_t>(value)); }

// A value, and the reads it came from: those in this expression itself, those whose values registers brought, and (`ruled`)
// those that decided whether the registers were assigned at all.
struct Result {
  Value value = 0;
  Reads direct = 0;
  Reads carried = 0;
  Reads ruled = 0;
  Reads data() const { return direct | carried; }
};

Result both(Result a, const Result& b) {
  a.direct |= b.direct;
  a.carried |= b.carried;
  a.ruled |= b.ruled;
  return a;
}

// What is read while a condition is computed, whether it is part of its value or not.
struct Condition {
  Reads control = 0;  // what happens in the body depends on these
  Reads ruled = 0;    // and what is assigned there on these
};

class Runner {
 public:
  Runner(const Thread& thread, unsigned number, std::span<const Value> reads)
      : thread_(thread), number_(number), reads_(reads), registers_(thread.registers.size()) {
    for (std::size_t i = 0; i < registers_.size(); ++i) registers_[i].value = thread.registers[i].initial;
  }

  ThreadTrace run() {
    perform(thread_.body);
    if (!stopped_) {
      trace_.ended = true;
      for (const Result& reg : registers_) trace_.registers.push_back(reg.value);
    }
    return std::move(trace_);
  }
  const std::string& senseless() const { return senseless_; }
  bool met_loop_bound() const { return met_loop_bound_; }

 private:
  // ---- events --------------------------------------------------------------------------------------------------------

  Event& add(EventKind kind, Order order, unsigned line) {
    Event event;
    event.thread = number_;
    event.index = static_cast<unsigned>(trace_.events.size());
    event.kind = kind;
    event.order = order;
    event.ctrl = listed(control_);
    event.line = line;
    return trace_.events.emplace_back(std::move(event));
  }

  Event* add_access(EventKind kind, Order order, Part part, const Result& address, unsigned line) {
    const std::optional<Location> location = location_at(address.value);
    if (!location) {  // such an execution does not exist, for herd7 neither
      cut();
      return nullptr;
    }
    Event& event = add(kind, order, line);
    event.part = part;
    event.location = *location;
    event.addr = listed(address.data());
    return &event;
  }

  // The value, if there is one: else the thread ends here.
  std::optional<Value> read(Order order, Part part, const Result& address, unsigned line) {
    Event* event = add_access(EventKind::read, order, part, address, line);
    if (event == nullptr) return std::nullopt;
    last_read_ = event->index;
    if (condition_ != nullptr) {
      // herd7 does not take a lock's state for a control dependency, unless through a register.
      if (part != Part::is_locked && part != Part::lock) condition_->control |= bit_of(last_read_);
      condition_->control |= address.direct;
      condition_->ruled |= address.direct;
    }
    if (next_read_ >= reads_.size()) {
      stopped_ = true;
      return std::nullopt;
    }
    event->value = reads_[next_read_++];
    return event->value;
  }

  void write(Order order, Part part, const Result& address, const Result& value, Reads more_data, unsigned line) {
    Event* event = add_access(EventKind::write, order, part, address, line);
    if (event == nullptr) return;
    event->value = value.value;
    event->data = listed(value.data() | more_data);
  }
  void write_of_rmw(Order order, Part part, const Result& address, const Result& value, Reads more_data,
                    unsigned line) {
    const unsigned read = last_read_;
    write(order, part, address, value, more_data, line);
    if (!stopped_) trace_.events.back().rmw_read = static_cast<int>(read);
  }

  void cut() {
    trace_.cut = true;
    stopped_ = true;
  }
  void give_up(unsigned line, const std::string& what) {
    senseless_ = fmt::format("{}: {}", line, what);
    cut();
  }

  // ---- expressions ---------------------------------------------------------------------------------------------------
  // After each of them: has the thread stopped?

  Result evaluate(const Expr& expr) {
    switch (expr.kind) {
      case Expr::Kind::constant: return {expr.value, 0, 0, 0};
      case Expr::Kind::reg: return reg(expr.reg);
      case Expr::Kind::op: {
        const Result left = evaluate(expr.operands[0]);
        if (stopped_) return {};
        const Result right = evaluate(expr.operands[1]);
        if (stopped_) return {};
        Result result = both(left, right);
        result.value = computed(expr.op, left.value, right.value, expr.line);
        return result;
      }
      case Expr::Kind::load: {
        const Result address = evaluate(expr.operands[0]);
        if (stopped_) return {};
        return result_of(read(expr.order, Part::access, address, expr.line));
      }
      case Expr::Kind::rmw: return rmw(expr);
      case Expr::Kind::cmpxchg: return cmpxchg(expr);
      case Expr::Kind::add_unless: return add_unless(expr);
      case Expr::Kind::cas: return cas(expr);
      case Expr::Kind::trylock: return trylock(expr);
      case Expr::Kind::is_locked: {
        const Result address = evaluate(expr.operands[0]);
        if (stopped_) return {};
        const auto value = read(Order::once, Part::is_locked, address, expr.line);
        if (!value) return {};
        return {*value != 0 ? 1 : 0, bit_of(last_read_), 0, 0};
      }
      case Expr::Kind::srcu_lock: {
        const Result address = evaluate(expr.operands[0]);
        if (stopped_) return {};
        const Event* event = add_access(EventKind::srcu_lock, Order::once, Part::access, address, expr.line);
        if (event == nullptr) return {};
        if (condition_ != nullptr) condition_->control |= bit_of(event->index);
        return {0, bit_of(event->index), 0, 0};
      }
    }
    return {};
  }

  Result result_of(std::optional<Value> value) const {
    if (!value) return {};
    return {*value, bit_of(last_read_), 0, 0};
  }

  Result reg(unsigned number) {
    const Result& held = registers_[number];
    if (condition_ != nullptr) {
      condition_->control |= held.ruled;
      condition_->ruled |= held.ruled;
    }
    return held;
  }

  static Order read_part(const Expr& e) {
    if (e.full || e.order == Order::seq_cst) return Order::seq_cst;
    return e.order == Order::acquire || e.order == Order::acq_rel ? Order::acquire : Order::once;
  }
  static Order write_part(const Expr& e) {
    if (e.full || e.order == Order::seq_cst) return Order::seq_cst;
    return e.order == Order::release || e.order == Order::acq_rel ? Order::release : Order::once;
  }
  // herd7 gives what a full barrier returns no dependency; the barrier orders more.
  static Result returned(const Expr& e, Value value, Result from) {
    if (e.full) return {value, 0, 0, 0};
    from.value = value;
    return from;
  }

  Result rmw(const Expr& e) {
    const Result address = evaluate(e.operands[0]);
    if (stopped_) return {};
    Result operand = evaluate(e.operands[1]);
    if (stopped_) return {};
    const Part part = e.gives == Gives::nothing ? Part::noreturn : Part::rmw;
    const auto old = read(read_part(e), part, address, e.line);
    if (!old) return {};
    const Reads self = bit_of(last_read_);
    if (e.op == Op::assign) {
      write_of_rmw(write_part(e), part, address, operand, 0, e.line);
      return returned(e, *old, {0, self, 0, 0});
    }
    Result written = operand;
    written.value = computed(e.op, *old, operand.value, e.line);
    if (stopped_) return {};
    // What is written depends on what was read; the address is the read's only, as herd7 has it.
    write_of_rmw(write_part(e), part, {address.value, 0, 0, 0}, written, self, e.line);
    operand.direct |= self;
    return returned(e, e.gives == Gives::before ? *old : written.value, operand);
  }

  Result cmpxchg(const Expr& e) {
    Result operands[3];
    for (unsigned i = 0; i < 3; ++i) {
      operands[i] = evaluate(e.operands[i]);
      if (stopped_) return {};
    }
    const auto old = read(Order::once, Part::rmw, operands[0], e.line);
    if (!old) return {};
    const Reads self = bit_of(last_read_);
    if (*old != operands[1].value) return {*old, self, 0, 0};
    trace_.events.back().order = read_part(e);
    write_of_rmw(write_part(e), Part::rmw, operands[0], operands[2], 0, e.line);
    return returned(e, *old, {0, self, 0, 0});
  }

  Result add_unless(const Expr& e) {
    Result operands[3];
    for (unsigned i = 0; i < 3; ++i) {
      operands[i] = evaluate(e.operands[i]);
      if (stopped_) return {};
    }
    const auto old = read(Order::once, Part::rmw, operands[0], e.line);
    if (!old) return {};
    const Reads self = bit_of(last_read_);
    if (*old == operands[2].value) {
      Result failed = operands[2];
      failed.value = 0;
      failed.direct |= self;
      return failed;
    }
    trace_.events.back().order = read_part(e);
    Result written = operands[1];
    written.value = computed(Op::add, *old, operands[1].value, e.line);
    if (stopped_) return {};
    write_of_rmw(write_part(e), Part::rmw, operands[0], written, self, e.line);
    return returned(e, 1, {});
  }

  // C11's: what is expected stands in memory, and gets what was there instead.
  Result cas(const Expr& e) {
    Result operands[2];
    for (unsigned i = 0; i < 2; ++i) {
      operands[i] = evaluate(e.operands[i]);
      if (stopped_) return {};
    }
    const auto expected = read(Order::plain, Part::access, operands[1], e.line);
    if (!expected) return {};
    // It is desired() only if it succeeds, but it has no effects that are worth waiting for.
    const Result desired = evaluate(e.operands[2]);
    if (stopped_) return {};
    const auto old = read(Order::once, Part::rmw, operands[0], e.line);
    if (!old) return {};
    const Reads self = bit_of(last_read_);
    if (*old != *expected) {
      trace_.events.back().order = e.failure;
      write(Order::plain, Part::access, operands[1], {*old, self, 0, 0}, 0, e.line);
      return {0, self, 0, 0};
    }
    trace_.events.back().order = read_part(e);
    write_of_rmw(write_part(e), Part::rmw, operands[0], desired, 0, e.line);
    return {1, self, 0, 0};
  }

  Result trylock(const Expr& e) {
    const Result address = evaluate(e.operands[0]);
    if (stopped_) return {};
    const auto held = read(Order::once, Part::lock, address, e.line);
    if (!held) return {};
    if (*held != 0) return {0, bit_of(last_read_), 0, 0};
    write_of_rmw(Order::once, Part::lock, address, {1, 0, 0, 0}, 0, e.line);
    return {1, 0, 0, 0};
  }

  Value computed(Op op, Value left, Value right, unsigned line) {
    const bool pointers = is_address(left) || is_address(right);
    switch (op) {
      case Op::assign: return right;
      case Op::equal: return left == right ? 1 : 0;
      case Op::not_equal: return left != right ? 1 : 0;
      case Op::add:
        if (is_address(left) && is_address(right)) break;
        return pointers ? left + right : wrapped(left + right);
      case Op::sub:
        if (is_address(right)) break;
        return pointers ? left - right : wrapped(left - right);
      case Op::mul:
        if (pointers) break;
        return wrapped(left * right);
      case Op::div:
        if (pointers || right == 0) break;
        return wrapped(left / right);
      case Op::bit_and:
        if (pointers) break;
        return left & right;
      case Op::bit_and_not:
        if (pointers) break;
        return left & ~right;
      case Op::bit_or:
        if (pointers) break;
        return left | right;
      case Op::bit_xor:
        if (pointers) break;
        return left ^ right;
      case Op::less:
        if (pointers) break;
        return left < right ? 1 : 0;
      case Op::greater:
        if (pointers) break;
        return left > right ? 1 : 0;
      case Op::less_equal:
        if (pointers) break;
        return left <= right ? 1 : 0;
      case Op::greater_equal:
        if (pointers) break;
        return left >= right ? 1 : 0;
    }
    give_up(line, pointers ? "arithmetic with an address" : "a division by 0");
    return 0;
  }

  // ---- statements ----------------------------------------------------------------------------------------------------

  void perform(const std::vector<Statement>& statements) {
    for (const Statement& one : statements) {
      perform(one);
      if (stopped_) return;
    }
  }

  void perform(const Statement& s) {
    switch (s.kind) {
      case Statement::Kind::assign: {
        Result value = evaluate(s.exprs[0]);
        if (stopped_) return;
        registers_[s.reg] = {value.value, 0, value.data(), value.data() | value.ruled | ruled_};
        return;
      }
      case Statement::Kind::evaluate: evaluate(s.exprs[0]); return;
      case Statement::Kind::store: {
        const Result address = evaluate(s.exprs[0]);
        if (stopped_) return;
        const Result value = evaluate(s.exprs[1]);
        if (!stopped_) write(s.order, Part::access, address, value, 0, s.line);
        return;
      }
      case Statement::Kind::event: add(s.event, Order::once, s.line).fence = s.fence; return;
      case Statement::Kind::lock: {
        const Result address = evaluate(s.exprs[0]);
        if (stopped_) return;
        const auto held = read(Order::once, Part::lock, address, s.line);
        if (!held) return;
        if (*held != 0) return cut();
        write_of_rmw(Order::once, Part::lock, address, {1, 0, 0, 0}, 0, s.line);
        return;
      }
      case Statement::Kind::unlock: {
        const Result address = evaluate(s.exprs[0]);
        if (!stopped_) write(Order::once, Part::unlock, address, {}, 0, s.line);
        return;
      }
      case Statement::Kind::srcu_unlock: {
        const Result address = evaluate(s.exprs[0]);
        if (stopped_) return;
        const Result index = evaluate(s.exprs[1]);
        if (stopped_) return;
        Event* event = add_access(EventKind::srcu_unlock, Order::once, Part::access, address, s.line);
        if (event == nullptr) return;
        event->value = index.value;
        event->data = listed(index.data());
        return;
      }
      case Statement::Kind::sync_srcu: {
        const Result address = evaluate(s.exprs[0]);
        if (!stopped_) add_access(EventKind::sync_srcu, Order::once, Part::access, address, s.line);
        return;
      }
      case Statement::Kind::branch: {
        Condition condition;
        const bool taken = decide(s.exprs[0], condition);
        if (stopped_) return;
        const Scope scope(*this, condition);
        perform(taken ? s.body : s.otherwise);
        return;
      }
      case Statement::Kind::loop: loop(s, 0); return;
    }
  }

  // The rest of a loop depends on each of its conditions, and what comes after it on none.
  void loop(const Statement& s, unsigned gone) {
    Condition condition;
    if (!decide(s.exprs[0], condition) || stopped_) return;
    if (gone == Limits::loop_max) {
      met_loop_bound_ = true;
      return cut();
    }
    const Scope scope(*this, condition);
    perform(s.body);
    if (!stopped_) loop(s, gone + 1);
  }

  bool decide(const Expr& expr, Condition& condition) {
    condition_ = &condition;
    const Value value = evaluate(expr).value;
    condition_ = nullptr;
    return value != 0;
  }

  struct Scope {
    Scope(Runner& on, const Condition& condition) : runner(on), control(on.control_), ruled(on.ruled_) {
      runner.control_ |= condition.control;
      runner.ruled_ |= condition.ruled;
    }
    ~Scope() {
      runner.control_ = control;
      runner.ruled_ = ruled;
    }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    Runner& runner;
    const Reads control;
    const Reads ruled;
  };

  const Thread& thread_;
  const unsigned number_;
  const std::span<const Value> reads_;
  std::size_t next_read_ = 0;
  unsigned last_read_ = 0;
  std::vector<Result> registers_;
  Reads control_ = 0;
  Reads ruled_ = 0;
  Condition* condition_ = nullptr;
  bool stopped_ = false;
  bool met_loop_bound_ = false;
  std::string senseless_;
  ThreadTrace trace_;
};

}  // namespace

ThreadTrace LitmusProgram::run(unsigned thread, std::span<const Value> reads) const {
  Runner runner(test_.threads[thread], thread, reads);
  ThreadTrace trace = runner.run();
  if (senseless_.empty()) senseless_ = runner.senseless();
  met_loop_bound_ = met_loop_bound_ || runner.met_loop_bound();
  return trace;
}

bool LitmusProgram::counts(const State& state) const { return !test_.filtered || holds(test_.filter, state); }

Value value_at(const Place& place, const State& state) {
  return place.is_register ? state.registers[place.thread][place.number] : state.locations[place.number];
}

bool holds(const Prop& prop, const State& state) {
  const auto each = [&](const Prop& part) { return holds(part, state); };
  switch (prop.kind) {
    case Prop::Kind::truth: return true;
    case Prop::Kind::falsehood: return false;
    case Prop::Kind::equals_value: return value_at(prop.left, state) == prop.value;
    case Prop::Kind::equals_place: return value_at(prop.left, state) == value_at(prop.right, state);
    case Prop::Kind::negation: return !each(prop.parts[0]);
    case Prop::Kind::conjunction: return std::all_of(prop.parts.begin(), prop.parts.end(), each);
    case Prop::Kind::disjunction: return std::any_of(prop.parts.begin(), prop.parts.end(), each);
    case Prop::Kind::implication: return !each(prop.parts[0]) || each(prop.parts[1]);
  }
  return false;
}

}  // namespace rcufarm::litmus
