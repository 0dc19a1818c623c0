// RCU's books: who reads, what is queued.
//
// Job: the data of grace_periods.cpp. There is no grace period as such: a callback may run as soon as every section of its
// flavour that began before its call_rcu has ended, and when it does is the schedule's choice. That gives each order that
// a kernel could show, and no other. Owned by the core; plain data.
#pragma once

#include <array>
#include <cstdint>

#include "kernel/types.h"
#include "machine/engine/clocks.h"
#include "machine/engine/context_set.h"
#include "machine/engine/limits.h"
#include "machine/engine/sites.h"
#include "sim_port/hooks.h"

namespace rcufarm::sim {

struct Callback {
  Word* head = nullptr;
  Invocation invocation;
  std::uint64_t called = 0;  // tick
  ClockHandle clock = 0;     // what happens before it
  std::uint32_t serial = 0;
  SiteNumber site = 0;
  ContextId context = idle_context;  // who queued it
  std::uint16_t next = 0;            // in its queue, or among the free ones
};

// Callbacks of one flavour that were queued on one CPU, first come first served.
struct CallbackQueue {
  std::uint16_t first = 0;  // index into Rcu::callbacks; 0: none
  std::uint16_t last = 0;
  bool running = false;
  std::uint64_t queued = 0;  // over the run
  std::uint64_t done = 0;
};

struct RcuFlavorBooks {
  ContextSet readers;                  // contexts in a section
  ContextSet waiting;                  // contexts in synchronize_rcu
  ContextSet barriers;                 // contexts in rcu_barrier
  ClockHandle ended_sections = 0;      // ends of all sections so far
  ClockHandle calls = 0;               // what came before those that wait for sections so far (not under sc)
  ClockHandle done_callbacks = 0;      // ends of all callbacks so far
  std::uint64_t grace_periods_to = 0;  // the newest tick that a grace period has covered
  unsigned queued = 0;                 // callbacks that are queued, not running
  std::array<CallbackQueue, cpus_max> queues{};
};

struct Rcu {
  std::array<RcuFlavorBooks, kernel::rcu_flavor_count> flavors;
  std::array<Callback, callbacks_max + 1> callbacks;  // [0] stands for none
  std::uint16_t free = 0;                             // those that were used before
  std::uint16_t used = 0;
  std::uint32_t serials = 0;
  bool is_touched = false;  // by this run: is there anything that the next one has to clear?

  void reset() {
    if (!is_touched) return;
    flavors = {};
    free = 0;
    used = 0;
    serials = 0;
    is_touched = false;
  }
  RcuFlavorBooks& of(kernel::RcuFlavor flavor) {
    is_touched = true;
    return flavors[static_cast<unsigned>(flavor)];
  }
  const RcuFlavorBooks& of(kernel::RcuFlavor flavor) const { return flavors[static_cast<unsigned>(flavor)]; }
};

}  // namespace rcufarm::sim
