// Read-modify-writes and locks. Which parts of them depend on what is as herd7 7.57 has it.
#include "litmus/runner.h"

namespace rcufarm::litmus {

namespace {

Order read_part(const Expr& e) {
  if (e.full || e.order == Order::seq_cst) return Order::seq_cst;
  return e.order == Order::acquire || e.order == Order::acq_rel ? Order::acquire : Order::once;
}

Order write_part(const Expr& e) {
  if (e.full || e.order == Order::seq_cst) return Order::seq_cst;
  return e.order == Order::release || e.order == Order::acq_rel ? Order::release : Order::once;
}

}  // namespace

bool Runner::evaluate_all(const Expr& expr, std::span<Result> operands) {
  for (std::size_t i = 0; i < operands.size(); ++i) {
    operands[i] = evaluate(expr.operands[i]);
    if (stopped_) return false;
  }
  return true;
}

// What a full barrier returns carries no dependency: the barrier orders more.

Runner::Result Runner::rmw(const Expr& e) {
  Result operands[2];
  if (!evaluate_all(e, operands)) return {};
  auto& [address, operand] = operands;
  const Part part = e.gives == Gives::nothing ? Part::noreturn : Part::rmw;
  const auto old = read(read_part(e), part, address, e.line);
  if (!old) return {};
  const Reads self = bit_of(last_read_);
  if (e.op == Op::assign) {
    write_of_rmw(write_part(e), part, address, operand, 0, e.line);
    return {*old, e.full ? 0 : self, 0, 0};
  }
  Result written = operand;
  written.value = compute(e.op, *old, operand.value, e.line);
  if (stopped_) return {};
  // What is written depends on what was read; the address is the read's only.
  write_of_rmw(write_part(e), part, {address.value, 0, 0, 0}, written, self, e.line);
  const Value given = e.gives == Gives::before ? *old : written.value;
  if (e.full) return {given, 0, 0, 0};
  operand.value = given;
  operand.direct |= self;
  return operand;
}

Runner::Result Runner::cmpxchg(const Expr& e) {
  Result operands[3];
  if (!evaluate_all(e, operands)) return {};
  const auto& [address, expected, desired] = operands;
  const auto old = read(Order::once, Part::rmw, address, e.line);
  if (!old) return {};
  const Reads self = bit_of(last_read_);
  if (*old != expected.value) return {*old, self, 0, 0};
  trace_.events.back().order = read_part(e);
  write_of_rmw(write_part(e), Part::rmw, address, desired, 0, e.line);
  return {*old, e.full ? 0 : self, 0, 0};
}

Runner::Result Runner::add_unless(const Expr& e) {
  Result operands[3];
  if (!evaluate_all(e, operands)) return {};
  auto& [address, addend, limit] = operands;
  const auto old = read(Order::once, Part::rmw, address, e.line);
  if (!old) return {};
  const Reads self = bit_of(last_read_);
  if (*old == limit.value) {
    limit.value = 0;
    limit.direct |= self;
    return limit;
  }
  trace_.events.back().order = read_part(e);
  addend.value = compute(Op::add, *old, addend.value, e.line);
  if (stopped_) return {};
  write_of_rmw(write_part(e), Part::rmw, address, addend, self, e.line);
  return {1, 0, 0, 0};
}

// C11's: what is expected stands in memory, and gets what was there instead.
Runner::Result Runner::cas(const Expr& e) {
  Result operands[2];
  if (!evaluate_all(e, operands)) return {};
  const auto& [address, expected_at] = operands;
  const auto expected = read(Order::plain, Part::access, expected_at, e.line);
  if (!expected) return {};
  const Result desired = evaluate(e.operands[2]);
  if (stopped_) return {};
  const auto old = read(Order::once, Part::rmw, address, e.line);
  if (!old) return {};
  const Reads self = bit_of(last_read_);
  if (*old != *expected) {
    trace_.events.back().order = e.failure;
    write(Order::plain, Part::access, expected_at, {*old, self, 0, 0}, 0, e.line);
    return {0, self, 0, 0};
  }
  trace_.events.back().order = read_part(e);
  write_of_rmw(write_part(e), Part::rmw, address, desired, 0, e.line);
  return {1, self, 0, 0};
}

Runner::Result Runner::trylock(const Expr& e) {
  Result address;
  if (!evaluate_all(e, {&address, 1})) return {};
  const auto held = read(Order::once, Part::lock, address, e.line);
  if (!held) return {};
  if (*held != 0) return {0, bit_of(last_read_), 0, 0};
  write_of_rmw(Order::once, Part::lock, address, {1, 0, 0, 0}, 0, e.line);
  return {1, 0, 0, 0};
}

Runner::Result Runner::is_locked(const Expr& e) {
  Result address;
  if (!evaluate_all(e, {&address, 1})) return {};
  const auto held = read(Order::once, Part::is_locked, address, e.line);
  if (!held) return {};
  return {*held != 0 ? 1 : 0, bit_of(last_read_), 0, 0};
}

Runner::Result Runner::srcu_lock(const Expr& e) {
  Result address;
  if (!evaluate_all(e, {&address, 1})) return {};
  const Event* event = add_access(EventKind::srcu_lock, Order::once, Part::access, address, e.line);
  if (event == nullptr) return {};
  if (condition_ != nullptr) condition_->control |= bit_of(event->index);
  return {0, bit_of(event->index), 0, 0};
}

}  // namespace rcufarm::litmus
