#include "litmus/runner.h"

#include <fmt/format.h>

#include <bit>

#include "litmus/address.h"
#include "litmus/compute.h"

namespace rcufarm::litmus {

Runner::Runner(const Thread& thread, unsigned number, std::span<const Value> reads)
    : thread_(thread), number_(number), reads_(reads), registers_(thread.registers.size()) {
  for (std::size_t i = 0; i < registers_.size(); ++i) registers_[i].value = thread.registers[i].initial;
}

ThreadTrace Runner::run() {
  perform(thread_.body);
  if (!stopped_) {
    trace_.ended = true;
    for (const Result& reg : registers_) trace_.registers.push_back(reg.value);
  }
  return std::move(trace_);
}

void Runner::Result::add_sources(const Result& other) {
  direct |= other.direct;
  carried |= other.carried;
  ruled |= other.ruled;
}

Runner::Scope::Scope(Runner& runner, const Condition& condition)
    : runner_(runner), control_(runner.control_), ruled_(runner.ruled_) {
  runner_.control_ |= condition.control;
  runner_.ruled_ |= condition.ruled;
}

Runner::Scope::~Scope() {
  runner_.control_ = control_;
  runner_.ruled_ = ruled_;
}

std::vector<unsigned> Runner::listed(Reads reads) {
  std::vector<unsigned> list;
  list.reserve(static_cast<std::size_t>(std::popcount(reads)));
  for (; reads != 0; reads &= reads - 1) list.push_back(static_cast<unsigned>(std::countr_zero(reads)));
  return list;
}

// ---- events ------------------------------------------------------------------------------------------------------------

Event& Runner::add(EventKind kind, Order order, unsigned line) {
  Event event;
  event.thread = number_;
  event.index = static_cast<unsigned>(trace_.events.size());
  event.kind = kind;
  event.order = order;
  event.ctrl = listed(control_);
  event.line = line;
  return trace_.events.emplace_back(std::move(event));
}

// Null: there is nothing at this address. Such an execution does not exist, for herd7 neither.
Event* Runner::add_access(EventKind kind, Order order, Part part, const Result& address, unsigned line) {
  const std::optional<Location> location = location_at(address.value);
  if (!location) {
    cut();
    return nullptr;
  }
  Event& event = add(kind, order, line);
  event.part = part;
  event.location = *location;
  event.addr = listed(address.data());
  return &event;
}

std::optional<Value> Runner::read(Order order, Part part, const Result& address, unsigned line) {
  Event* event = add_access(EventKind::read, order, part, address, line);
  if (event == nullptr) return std::nullopt;
  last_read_ = event->index;
  if (condition_ != nullptr) {
    // herd7 does not take a lock's state for a control dependency, unless it comes through a register.
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

void Runner::write(Order order, Part part, const Result& address, const Result& value, Reads more_data, unsigned line) {
  Event* event = add_access(EventKind::write, order, part, address, line);
  if (event == nullptr) return;
  event->value = value.value;
  event->data = listed(value.data() | more_data);
}

void Runner::write_of_rmw(Order order, Part part, const Result& address, const Result& value, Reads more_data,
                          unsigned line) {
  write(order, part, address, value, more_data, line);
  if (!stopped_) trace_.events.back().rmw_read = static_cast<int>(last_read_);
}

void Runner::cut() {
  trace_.cut = true;
  stopped_ = true;
}

// ---- expressions -------------------------------------------------------------------------------------------------------

Runner::Result Runner::evaluate(const Expr& expr) {
  switch (expr.kind) {
    case Expr::Kind::constant: return {expr.value, 0, 0, 0};
    case Expr::Kind::reg: return reg(expr.reg);
    case Expr::Kind::op: {
      Result operands[2];
      if (!evaluate_all(expr, operands)) return {};
      operands[0].add_sources(operands[1]);
      operands[0].value = compute(expr.op, operands[0].value, operands[1].value, expr.line);
      return operands[0];
    }
    case Expr::Kind::load: {
      Result address;
      if (!evaluate_all(expr, {&address, 1})) return {};
      const auto value = read(expr.order, Part::access, address, expr.line);
      if (!value) return {};
      return {*value, bit_of(last_read_), 0, 0};
    }
    case Expr::Kind::rmw: return rmw(expr);
    case Expr::Kind::cmpxchg: return cmpxchg(expr);
    case Expr::Kind::add_unless: return add_unless(expr);
    case Expr::Kind::cas: return cas(expr);
    case Expr::Kind::trylock: return trylock(expr);
    case Expr::Kind::is_locked: return is_locked(expr);
    case Expr::Kind::srcu_lock: return srcu_lock(expr);
  }
  return {};
}

Value Runner::compute(Op op, Value left, Value right, unsigned line) {
  if (const auto value = computed(op, left, right)) return *value;
  const bool pointers = is_address(left) || is_address(right);
  senseless_ = fmt::format("{}: {}", line, pointers ? "arithmetic with an address" : "a division by 0");
  cut();
  return 0;
}

Runner::Result Runner::reg(unsigned number) {
  const Result& held = registers_[number];
  if (condition_ != nullptr) {
    condition_->control |= held.ruled;
    condition_->ruled |= held.ruled;
  }
  return held;
}

// ---- statements --------------------------------------------------------------------------------------------------------

void Runner::perform(const std::vector<Statement>& statements) {
  for (const Statement& one : statements) {
    perform(one);
    if (stopped_) return;
  }
}

void Runner::perform(const Statement& s) {
  Result first;
  Result second;
  const bool decides = s.kind == Statement::Kind::branch || s.kind == Statement::Kind::loop;
  if (!decides && !s.exprs.empty()) {
    first = evaluate(s.exprs[0]);
    if (stopped_) return;
    if (s.exprs.size() > 1) second = evaluate(s.exprs[1]);
    if (stopped_) return;
  }
  switch (s.kind) {
    case Statement::Kind::assign:
      registers_[s.reg] = {first.value, 0, first.data(), first.data() | first.ruled | ruled_};
      return;
    case Statement::Kind::evaluate: return;
    case Statement::Kind::store: write(s.order, Part::access, first, second, 0, s.line); return;
    case Statement::Kind::event: add(s.event, Order::once, s.line).fence = s.fence; return;
    case Statement::Kind::lock: {
      const auto held = read(Order::once, Part::lock, first, s.line);
      if (!held) return;
      if (*held != 0) return cut();
      write_of_rmw(Order::once, Part::lock, first, {1, 0, 0, 0}, 0, s.line);
      return;
    }
    case Statement::Kind::unlock: write(Order::once, Part::unlock, first, {}, 0, s.line); return;
    case Statement::Kind::srcu_unlock: {
      Event* event = add_access(EventKind::srcu_unlock, Order::once, Part::access, first, s.line);
      if (event == nullptr) return;
      event->value = second.value;
      event->data = listed(second.data());
      return;
    }
    case Statement::Kind::sync_srcu: add_access(EventKind::sync_srcu, Order::once, Part::access, first, s.line); return;
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
void Runner::loop(const Statement& s, unsigned gone) {
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

bool Runner::decide(const Expr& expr, Condition& condition) {
  condition_ = &condition;
  const Value value = evaluate(expr).value;
  condition_ = nullptr;
  return value != 0;
}

}  // namespace rcufarm::litmus
