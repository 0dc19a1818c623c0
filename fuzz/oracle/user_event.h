// What the user of the allocators does, for oracles and diagrams.
//
// Job: the events that only the user knows of: what a call was given and what it gave. They are reported at once, in
// order with the machine's events, and are neither scheduling points nor happens-before edges. Plain values.
#pragma once

#include <cstdint>

#include "machine/engine/context_id.h"
#include "machine/engine/events.h"

namespace rcufarm::oracle {

enum class UserEventKind : std::uint8_t {
  cache_made,       // init returned; bytes: its size, 0 for size classes; value: 1 if the caller has an object cgroup
  cache_missing,    // init got no memory: nobody uses it
  alloc_begins,     // bytes: asked for
  alloc_gave,       // object, bytes: asked for
  alloc_gave_null,  // bytes: asked for; may_fail: a reason that the user knows of
  free_begins,      // object
  free_rcu_begins,  // object
  raw_free_begins,  // object
  call_ended,       // the free, free_rcu or raw_free that this context began has returned
  reference_taken,  // object: a reader has looked at it inside a section
  reference_dropped,
  destroy_begins,  // no user and no reader of the cache is left
  destroy_ended,   // destroy returned; with deferral the workqueue may go on
  settle_round,    // the user has allocated and freed a little everywhere, and has let grace periods pass; value: 0.
                   // value > 0: so many objects in all went one way, allocated on one CPU and freed on another
  settled,         // after the last such round; value: objects pending; bytes: how many of them are allowed
  not_recovered,   // alloc gives nothing, call after call with irq_work served between, although there is memory again
  content_changed,  // object: its user, or a reader whom nothing has told of its end, finds other bytes than were written
  pile_begins,      // a regular reader stays inside, and objects are freed by free_rcu, one after the other
  piled,    // bytes: so many wait for grace periods at least, and irq_work was served; value: so many may, unhurried
  counted,  // at rest; value: what the allocator says; bytes: what the user knows; text: of what
};
const char* name_of(UserEventKind kind);

// Which call: what signatures and diagrams name. alloc_flags of either kind is `alloc` to an oracle.
enum class UserCall : std::uint8_t { none, init, alloc, alloc_flags, free, free_rcu, raw_free, destroy };
inline constexpr unsigned user_call_count = static_cast<unsigned>(UserCall::destroy) + 1;
const char* name_of(UserCall call);

inline constexpr std::uint16_t no_operation = 0xffff;

struct UserEvent {
  UserEventKind kind{};
  UserCall call = UserCall::none;
  sim::ContextId context = sim::idle_context;
  std::uint8_t cpu = sim::no_cpu;
  std::uint8_t cache = 0;
  std::uint8_t slot = 0;
  std::uint16_t operation = no_operation;  // index in the task's or program's list
  bool interrupts_on = false;              // alloc: were they when it was called?
  bool can_be_had = true;                  // alloc, cache_missing: the allocator serves requests of this kind
  std::uint32_t object = 0;                // serial number, as in sim::Event
  bool is_new_part = false;     // alloc_gave: the object is a piece of an allocation, handed out for the first time
  std::uint32_t around = 0;     // of that allocation; 0: of a global
  std::uint32_t instances = 0;  // alloc_gave, of a per-CPU object: the allocation of its instances
  std::uint64_t instance_asked = 0;  // and of each of them: bytes that were asked for,
  std::uint64_t instance_bytes = 0;  // and that it has
  std::uint64_t slab_bytes = 0;      // alloc_gave: what the slab was asked for, for this object
  std::uint64_t user_offset = 0;     // alloc_gave: where in the slab object the user's bytes begin
  std::uint64_t bytes = 0;
  std::uint64_t value = 0;
  std::uint64_t step = 0;
  const char* text = "";
};

}  // namespace rcufarm::oracle
