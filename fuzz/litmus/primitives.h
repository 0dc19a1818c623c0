// The primitives that a test's C may call.
//
// Job: by name, what the kernel's (tools/memory-model/linux-kernel.def has their meaning) and C11's operations are. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "litmus/ast.h"

namespace rcufarm::litmus {

struct Primitive {
  // How its arguments stand: X is an address, *X what is there.
  enum class Form : std::uint8_t {
    load_from,        // *X
    load,             // X
    store_to,         // *X, V
    store_to_and_mb,  // *X, V
    store,            // X, V
    rmw,              // X, V
    rmw_value_first,  // V, X
    rmw_by_one,       // X
    cmpxchg,          // X, expected, desired
    add_unless,       // X, V, limit
    cas,              // X, address of what is expected, desired
    event,            // none
    lock,             // X
    unlock,           // X
    trylock,          // X
    is_locked,        // X
    srcu_lock,        // X
    srcu_unlock,      // X, index
    sync_srcu,        // X
    c11_fence,        // an order
  };
  Form form = Form::event;
  Order order = Order::once;
  bool full = false;
  bool c11 = false;
  unsigned orders = 0;  // of C11: arguments at the end that are a memory_order
  Op op = Op::assign;
  Gives gives = Gives::before;
  EventKind event = EventKind::fence;
  Fence fence = Fence::none;
  bool tests = false;  // what it gives is compared with 0 by `test`
  Op test = Op::equal;
};

std::optional<Primitive> primitive_named(std::string_view name);
bool gives_nothing(const Primitive& primitive);

}  // namespace rcufarm::litmus
