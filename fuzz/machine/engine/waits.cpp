// Who waits, and for what.
//
// Job: take a context out of those that can go on until somebody wakes it: for an address (a lock, a thread's end), for what its host
// says, or for the next thing to do. Who goes on then is scheduler.cpp's.
#include "machine/engine/engine.h"

namespace rcufarm::sim {

void Engine::park(Op op, const void* address) {
  Context& self = *current;
  Lane& lane = *self.lane;
  self.waits_for = op;
  self.wait_address = address;
  ready -= self.alone;
  blocked |= self.alone;
  // Who sleeps leaves the CPU to others; who spins (a lock, interrupts off) keeps it.
  if (lane.base == &self && lane.irqs_on()) {
    lane.base = nullptr;
    uses(lane.state);
  }
  if (op == Op::wait) {
    uses(Resources::waits());
  } else if (watches_steps && address != nullptr) {
    touches_word(address, false);  // it has seen that it has to wait
  }
  refresh(lane);
}

void Engine::wait_for_turn() {
  current->anchor.next_point();
  if (watches_steps) step_ends();
  ask();
  if (watches_steps) step_begins(*current, pending[index_of(current->id)].op, false);
}

// Of a server: it begins with the next item when it is chosen for that, and for the item's first operation too.
void Engine::wait_for_next_item() {
  wait_for_turn();
  set_budget(budget + 1);
  footprint.op = Op::start;
  footprint.begins = footprint.is_open;
}

void Engine::block(Op op, const void* address) {
  park(op, address);
  tell_blocked(op, address);
  wait_for_turn();
}

void Engine::tell_blocked(Op op, const void* address) {
  if (!tracing) return;
  Event blocked_event = event(EventKind::blocked, op);
  locate(blocked_event, address);
  emit(blocked_event);
}

// Callback queues and the workqueue with nothing to do: they wait, and may do so for ever.
ContextSet Engine::idle_servers() const {
  ContextSet idle;
  for (const ContextId id : blocked) {
    const Context& context = contexts[index_of(id)];
    const bool server = context.kind == ContextKind::callback || context.kind == ContextKind::worker;
    if (server && (context.waits_for == Op::call_rcu || context.waits_for == Op::queue_work)) idle.insert(id);
  }
  return idle;
}

void Engine::wake(Context& context) {
  context.waits_for = Op::none;
  ready |= context.alone;
  blocked -= context.alone;
  host_waits -= context.alone;
  refresh(*context.lane);
}

void Engine::wake_waiters(Op op, const void* address) {
  for (const ContextId id : blocked) {
    Context& context = contexts[index_of(id)];
    if (context.waits_for == op && context.wait_address == address) wake(context);
  }
}

void Engine::wait_until(bool (*is_ready)(void*), void* argument) {
  Context& self = *current;
  uses(Resources::waits());
  while (!is_ready(argument)) {
    self.wait_ready = is_ready;
    self.wait_argument = argument;
    host_waits |= self.alone;
    block(Op::wait, &self.wait_ready);
    uses(Resources::waits());
  }
}

void Engine::ask_host_waits() {
  for (const ContextId id : host_waits) {
    Context& context = contexts[index_of(id)];
    if (context.wait_ready(context.wait_argument)) wake(context);
  }
}

}  // namespace rcufarm::sim
