#include "litmus/primitives.h"

#include <array>

namespace rcufarm::litmus {

namespace {

using Form = Primitive::Form;

struct Named {
  std::string_view name;
  Primitive primitive;
};

constexpr Primitive access(Form form, Order order = Order::once) {
  Primitive p;
  p.form = form;
  p.order = order;
  return p;
}

constexpr Primitive fence(Fence kind) {
  Primitive p;
  p.fence = kind;
  return p;
}

constexpr Primitive event(EventKind kind) {
  Primitive p;
  p.event = kind;
  return p;
}

constexpr Primitive tested(Form form, Op op, Op test) {
  Primitive p = access(form);
  p.full = true;
  p.op = op;
  p.gives = Gives::after;
  p.tests = true;
  p.test = test;
  return p;
}

constexpr Primitive full(Form form) {
  Primitive p = access(form);
  p.full = true;
  return p;
}

constexpr Primitive c11(Form form, Op op, unsigned orders) {
  Primitive p = access(form, Order::seq_cst);
  p.c11 = true;
  p.op = op;
  p.orders = orders;
  return p;
}

constexpr std::array<Named, 53> fixed{{
    {"READ_ONCE", access(Form::load_from)},
    {"WRITE_ONCE", access(Form::store_to)},
    {"rcu_dereference", access(Form::load_from)},
    {"rcu_assign_pointer", access(Form::store_to, Order::release)},
    {"smp_store_release", access(Form::store, Order::release)},
    {"smp_load_acquire", access(Form::load, Order::acquire)},
    {"smp_store_mb", access(Form::store_to_and_mb)},
    {"smp_mb", fence(Fence::mb)},
    {"smp_rmb", fence(Fence::rmb)},
    {"smp_wmb", fence(Fence::wmb)},
    {"smp_mb__before_atomic", fence(Fence::before_atomic)},
    {"smp_mb__after_atomic", fence(Fence::after_atomic)},
    {"smp_mb__after_spinlock", fence(Fence::after_spinlock)},
    {"smp_mb__after_unlock_lock", fence(Fence::after_unlock_lock)},
    {"smp_mb__after_srcu_read_unlock", fence(Fence::after_srcu_read_unlock)},
    {"barrier", fence(Fence::barrier)},
    {"spin_lock", access(Form::lock)},
    {"spin_unlock", access(Form::unlock)},
    {"spin_trylock", access(Form::trylock)},
    {"spin_is_locked", access(Form::is_locked)},
    {"rcu_read_lock", event(EventKind::rcu_lock)},
    {"rcu_read_unlock", event(EventKind::rcu_unlock)},
    {"synchronize_rcu", event(EventKind::sync_rcu)},
    {"synchronize_rcu_expedited", event(EventKind::sync_rcu)},
    {"srcu_read_lock", access(Form::srcu_lock)},
    {"srcu_down_read", access(Form::srcu_lock)},
    {"srcu_read_unlock", access(Form::srcu_unlock)},
    {"srcu_up_read", access(Form::srcu_unlock)},
    {"synchronize_srcu", access(Form::sync_srcu)},
    {"synchronize_srcu_expedited", access(Form::sync_srcu)},
    {"atomic_read", access(Form::load)},
    {"atomic_set", access(Form::store)},
    {"atomic_read_acquire", access(Form::load, Order::acquire)},
    {"atomic_set_release", access(Form::store, Order::release)},
    {"atomic_add_unless", full(Form::add_unless)},
    {"atomic_sub_and_test", tested(Form::rmw_value_first, Op::sub, Op::equal)},
    {"atomic_dec_and_test", tested(Form::rmw_by_one, Op::sub, Op::equal)},
    {"atomic_inc_and_test", tested(Form::rmw_by_one, Op::add, Op::equal)},
    {"atomic_add_negative", tested(Form::rmw_value_first, Op::add, Op::less)},
    {"atomic_load", c11(Form::load, Op::assign, 0)},
    {"atomic_store", c11(Form::store, Op::assign, 0)},
    {"atomic_exchange", c11(Form::rmw, Op::assign, 0)},
    {"atomic_compare_exchange_strong", c11(Form::cas, Op::assign, 0)},
    {"atomic_load_explicit", c11(Form::load, Op::assign, 1)},
    {"atomic_store_explicit", c11(Form::store, Op::assign, 1)},
    {"atomic_exchange_explicit", c11(Form::rmw, Op::assign, 1)},
    {"atomic_fetch_add_explicit", c11(Form::rmw, Op::add, 1)},
    {"atomic_fetch_sub_explicit", c11(Form::rmw, Op::sub, 1)},
    {"atomic_fetch_or_explicit", c11(Form::rmw, Op::bit_or, 1)},
    {"atomic_fetch_xor_explicit", c11(Form::rmw, Op::bit_xor, 1)},
    {"atomic_fetch_and_explicit", c11(Form::rmw, Op::bit_and, 1)},
    {"atomic_compare_exchange_strong_explicit", c11(Form::cas, Op::assign, 2)},
    {"atomic_thread_fence", c11(Form::c11_fence, Op::assign, 1)},
}};

bool take_front(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

// "" (a full barrier), "_relaxed", "_acquire" or "_release", and nothing else.
bool order_of(std::string_view suffix, Primitive& p) {
  p.full = suffix.empty();
  p.order = suffix == "_acquire" ? Order::acquire : suffix == "_release" ? Order::release : Order::once;
  return p.full || suffix == "_relaxed" || suffix == "_acquire" || suffix == "_release";
}

// The families: what they give and their order stand in their names.
std::optional<Primitive> exchange_named(std::string_view name) {
  take_front(name, "atomic_");
  const bool compares = take_front(name, "cmp");
  if (!take_front(name, "xchg")) return std::nullopt;
  Primitive p = access(compares ? Form::cmpxchg : Form::rmw);
  if (!order_of(name, p)) return std::nullopt;
  return p;
}

std::optional<Primitive> arithmetic_named(std::string_view name) {
  struct Operation {
    std::string_view name;
    Op op;
    Form form;
  };
  constexpr std::array<Operation, 8> operations{{{"add", Op::add, Form::rmw_value_first},
                                                 {"sub", Op::sub, Form::rmw_value_first},
                                                 {"inc", Op::add, Form::rmw_by_one},
                                                 {"dec", Op::sub, Form::rmw_by_one},
                                                 {"andnot", Op::bit_and_not, Form::rmw_value_first},
                                                 {"and", Op::bit_and, Form::rmw_value_first},
                                                 {"or", Op::bit_or, Form::rmw_value_first},
                                                 {"xor", Op::bit_xor, Form::rmw_value_first}}};
  if (!take_front(name, "atomic_")) return std::nullopt;
  const bool fetches = take_front(name, "fetch_");
  for (const Operation& operation : operations) {
    std::string_view suffix = name;
    if (!take_front(suffix, operation.name)) continue;
    Primitive p = access(operation.form);
    p.op = operation.op;
    const bool counts = operation.op == Op::add || operation.op == Op::sub;
    if (!fetches && suffix.empty()) {
      p.gives = Gives::nothing;
      return p;
    }
    if (!fetches && !(counts && take_front(suffix, "_return"))) return std::nullopt;
    p.gives = fetches ? Gives::before : Gives::after;
    if (!order_of(suffix, p)) return std::nullopt;
    return p;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Primitive> primitive_named(std::string_view name) {
  for (const Named& named : fixed) {
    if (named.name == name) return named.primitive;
  }
  if (const auto exchange = exchange_named(name)) return exchange;
  return arithmetic_named(name);
}

bool gives_nothing(const Primitive& p) {
  switch (p.form) {
    case Form::store_to:
    case Form::store_to_and_mb:
    case Form::store:
    case Form::event:
    case Form::lock:
    case Form::unlock:
    case Form::srcu_unlock:
    case Form::sync_srcu:
    case Form::c11_fence: return true;
    case Form::rmw:
    case Form::rmw_value_first:
    case Form::rmw_by_one: return p.gives == Gives::nothing;
    case Form::load_from:
    case Form::load:
    case Form::cmpxchg:
    case Form::add_unless:
    case Form::cas:
    case Form::trylock:
    case Form::is_locked:
    case Form::srcu_lock: return false;
  }
  return false;
}

}  // namespace rcufarm::litmus
