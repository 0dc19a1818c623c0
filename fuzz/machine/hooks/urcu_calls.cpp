// liburcu's calls, as the shim's headers declare them (fuzz/targets/include/urcu), by the machine's RCU.
//
// Job: read sections, callbacks and grace periods of its one regular flavour, whichever flavour of liburcu was included. Called by
// the code under test, in a run.
#include "machine/hooks/code_under_test.h"
#include "machine/hooks/places.h"
#include "sim_port/hooks.h"

using namespace rcufarm;
using namespace rcufarm::hooks;

namespace {

constexpr kernel::RcuFlavor regular = kernel::RcuFlavor::regular;

// As the shim's struct rcu_head.
struct Head {
  Head* next;
  void (*function)(Head*);
};

void invoke(void (*function)(), sim::Word* word) {
  reinterpret_cast<void (*)(Head*)>(function)(reinterpret_cast<Head*>(word));
}

// What defer_rcu keeps until its callback has run.
struct Deferred {
  Head head;
  void (*function)(void*);
  void* argument;
};

void call(Head* head, void (*function)(Head*), const sim::Site& site) {
  head->function = function;
  sim::call_rcu(regular, reinterpret_cast<sim::Word*>(head), {reinterpret_cast<void (*)()>(function), &invoke}, false,
                site);
}

}  // namespace

extern "C" {

void rcufarm_urcu_read_lock() { sim::read_lock(regular, RCUFARM_CALLER); }
void rcufarm_urcu_read_unlock() { sim::read_unlock(regular, RCUFARM_CALLER); }
int rcufarm_urcu_read_ongoing() { return sim::core().current->sections[static_cast<unsigned>(regular)] != 0 ? 1 : 0; }
void rcufarm_urcu_call(Head* head, void (*function)(Head*)) { call(head, function, RCUFARM_CALLER); }
void rcufarm_urcu_synchronize() { sim::synchronize_rcu(regular, RCUFARM_CALLER); }
void rcufarm_urcu_barrier() { sim::rcu_barrier(regular, RCUFARM_CALLER); }
void rcufarm_urcu_defer(void (*function)(void*), void* argument) {
  sim::Core& c = sim::core();
  auto* deferred = static_cast<Deferred*>(c.memory.host_memory(sizeof(Deferred)));
  if (deferred == nullptr) c.leave_at_limit("arena_bytes");
  deferred->function = function;
  deferred->argument = argument;
  const auto run = [](Head* head) {
    const auto* mine = reinterpret_cast<Deferred*>(head);
    mine->function(mine->argument);
  };
  call(&deferred->head, run, RCUFARM_CALLER);
}
void rcufarm_urcu_relax() { sim::cpu_relax(RCUFARM_CALLER); }
}
