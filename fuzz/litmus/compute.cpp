#include "litmus/compute.h"

#include "litmus/address.h"

namespace rcufarm::litmus {

namespace {

Value wrapped(Value value) { return static_cast<std::int32_t>(static_cast<std::uint32_t>(value)); }

std::optional<Value> of_ints(Op op, Value left, Value right) {
  switch (op) {
    case Op::assign: return right;
    case Op::equal: return left == right ? 1 : 0;
    case Op::not_equal: return left != right ? 1 : 0;
    case Op::less: return left < right ? 1 : 0;
    case Op::greater: return left > right ? 1 : 0;
    case Op::less_equal: return left <= right ? 1 : 0;
    case Op::greater_equal: return left >= right ? 1 : 0;
    case Op::add: return wrapped(left + right);
    case Op::sub: return wrapped(left - right);
    case Op::mul: return wrapped(left * right);
    case Op::div:
      if (right == 0) return std::nullopt;
      return wrapped(left / right);
    case Op::bit_and: return left & right;
    case Op::bit_and_not: return left & ~right;
    case Op::bit_or: return left | right;
    case Op::bit_xor: return left ^ right;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Value> computed(Op op, Value left, Value right) {
  if (!is_address(left) && !is_address(right)) return of_ints(op, left, right);
  if (op == Op::assign) return right;
  if (op == Op::equal) return left == right ? 1 : 0;
  if (op == Op::not_equal) return left != right ? 1 : 0;
  if (op == Op::add && is_address(left) != is_address(right)) return left + right;
  if (op == Op::sub && !is_address(right)) return left - right;
  return std::nullopt;
}

}  // namespace rcufarm::litmus
