// The user of the allocators of one simulated run: what a correct program does with them.
//
// Job: the operations that touch an allocator, for tasks, irq and nmi programs alike, and a report of each to the oracles.
// The same meaning as on real threads (fuzz/scenario/README.md). One runner owns it; begin() before each run. Whatever
// it owns lies outside of the machine's stacks, since a run that ends early is not unwound.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/sim/parts.h"
#include "harness/sim/sim_allocator.h"
#include "harness/sim/sim_books.h"
#include "harness/sim/sim_config.h"
#include "machine/machine.h"
#include "oracle/user_event.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

// Gets the user's events.
class UserSink {
 public:
  virtual ~UserSink() = default;
  virtual void on_user(const oracle::UserEvent& event) = 0;
};

class SimUser {
 public:
  SimUser(const SimAllocator& allocator, sim::Machine& machine, UserSink& sink);

  void begin(const scenario::Scenario& scenario);
  // Settings::slab_fails: the scenario's plan, and fail_next.
  bool slab_fails(std::uint32_t nth);

  // Main context.
  void init_caches();
  void destroy_all();

  // Any context. True: it ran; false: it was illegal now. `interrupts_on`: are they, in the caller?
  bool alloc(const scenario::Operation& op, bool interrupts_on);
  bool free(unsigned slot) { return take_and_free(slot, oracle::UserCall::free); }
  bool free_rcu(unsigned slot) { return take_and_free(slot, oracle::UserCall::free_rcu); }

  // Task context.
  bool alloc_flags(const scenario::Operation& op, bool interrupts_on);
  bool raw_free(unsigned slot);
  bool synchronize(kernel::RcuFlavor flavor);
  // Takes the object out of its slot, looks at it, and puts it back.
  bool verify_as_owner(unsigned slot);
  void fail_next(unsigned allocations) { fail_next_ += allocations; }
  // No section and no irq-off block of the caller's may be open.
  bool destroy(unsigned cache);

  // Of an allocator of user space; nothing for others. First and last in a thread, around its sections, and between operations.
  void thread_begins();
  void thread_ends();
  void section_begins();
  void section_ends();
  void is_quiescent();

  // For read sections: where an allocator waits for regular readers alone, or for none, there are no others.
  kernel::RcuFlavor section_of(kernel::RcuFlavor wanted) const {
    return allocator_.readers == oracle::Readers::both ? wanted : kernel::RcuFlavor::regular;
  }
  // The object in a slot, with its cache held open until let_go(); null if there is none, or nobody waits for its readers.
  SimRecord* hold(unsigned slot);
  void let_go(const SimRecord& record) { leave(record.cache); }
  // Looks at an object. A point. `is_protected`: by a regular section that began before anybody could free it, so that it stays as it
  // was after a free_rcu, too.
  void touch(const SimRecord& record, bool is_protected);
  void report_reference(const SimRecord& record, bool taken);

  // Allocates and frees an object of a cache, and another one by free_rcu: what a quiet user does to have grace periods
  // and irq_work served. The size is of size-class caches. Main context.
  void probe(unsigned cache, std::size_t size);
  void report_settle_round();
  // Has the slab memory for whoever asks from now on, as far as the scenario goes?
  bool memory_is_back() const;
  // One alloc, and a free of what it gave: did it give anything? Main context.
  bool can_alloc(unsigned cache, std::size_t size);
  void report_not_recovered(unsigned cache);
  bool is_open(unsigned cache) const { return caches_[cache].there && !caches_[cache].destroyed; }
  bool any_destroyed() const;
  // Is every object of the slab one that the allocators asked for and still count? Where a cache was not made, or an object's
  // instances were not to be had, something went back at once.
  bool all_slab_objects_are_counted() const;
  // As the adapter tells, of all open caches together.
  SimAccounts accounts() const;
  // As the adapter tells, of one open cache; 0 if it cannot.
  std::uint64_t state_of(unsigned cache) const {
    return allocator_.state != nullptr ? allocator_.state(instance(cache)) : 0;
  }
  std::int64_t ready(unsigned cache, std::size_t size) const;
  // Calls that returned.
  struct Tally {
    std::uint64_t allocs = 0;        // that gave an object
    std::uint64_t nulls = 0;         // that did not, for what could be had
    std::uint64_t nulls_nested = 0;  // of those, in an irq or nmi
    std::uint64_t frees = 0;
    std::uint64_t frees_rcu = 0;
  };
  Tally tally() const;  // of all open caches together
  // Objects that are neither the slab's nor this user's, where no cache was destroyed.
  std::uint64_t objects_of_allocators() const;
  // With interrupts off: allocates until nothing comes, and frees it all again. How many there were. Main context.
  std::uint64_t take_and_put_back(unsigned cache, std::size_t size);
  void free_nothing(unsigned cache);
  void report_count(const char* what, std::int64_t said, std::uint64_t known);
  // Allocates an object on one CPU and frees it on another. Main context.
  void pass(unsigned cache, std::size_t size, unsigned from_cpu, unsigned to_cpu);
  void report_flow(std::uint64_t passed);
  void report_settled(std::int64_t pending, std::int64_t allowed);
  // Allocates an object of a cache of one size and frees it by free_rcu. False: it got none.
  bool defer(unsigned cache);
  void report_pile_begins(unsigned cache);
  void report_piled(unsigned cache, std::size_t bytes, std::size_t unhurried);

  // Which operation of its list the running context is at: for reports.
  void set_operation(std::size_t index);
  // Calls that the running context has begun.
  std::uint32_t calls_begun() const { return calls_begun_[sim::index_of(machine_.context())]; }
  const SimBooks& books() const { return books_; }

 private:
  struct Cache {
    SimGate gate;
    scenario::CacheKind kind = scenario::CacheKind::fixed;
    std::uint16_t size = 0;
    Tally tally;
    bool there = false;
    bool destroyed = false;
    bool drops = false;  // destroy has begun, and what is left is dropped
  };
  struct Request {
    std::uint8_t cache;
    std::uint16_t bytes;  // that the user wants
    bool flags;
    kernel::Gfp gfp;
    bool interrupts_on;
  };

  Request plain_request(unsigned cache, std::size_t size, bool interrupts_on = true) const;
  void* instance(unsigned cache) const { return instances_[cache]; }
  bool alloc_into(unsigned slot, const Request& request);
  SimRecord* call_alloc(const Request& request);
  void* call_allocator(const Request& request);
  std::uint32_t instances_of(const void* user) const;
  void describe_object(oracle::UserEvent& u, void* user, const Request& request);
  SimRecord& note_hand_out(void* user, std::uint32_t object, unsigned cache, std::size_t bytes);
  // Of user space: objects in these slots are for readers, too, and freed by free_deferred where there are readers.
  static bool is_for_readers(unsigned slot) { return slot % 2 == 0; }
  bool reader_may_have(const SimRecord& record) const;
  bool is_in_section() const;  // of user space: the running context, for an allocator's own readers too
  // What the user writes into its objects, and whether it is there still. No points: no other user writes.
  void write_content(SimRecord& record, std::size_t bytes) const;
  // `but`: its first bytes, which the allocator may use by now.
  void check_content(const SimRecord& record, std::size_t but = 0);
  void report_changed(const SimRecord& record);
  void check_as_owner(const SimRecord& record);
  void give_up(const SimRecord& record);
  bool take_and_drop(unsigned slot, const SimRecord& record);
  bool take_and_free(unsigned slot, oracle::UserCall call);
  // Does the allocator have a free_rcu for this cache? All else is there, or is asked for where it is used.
  bool has_call(oracle::UserCall call, unsigned cache) const;
  void give_back(const SimRecord& record, oracle::UserCall call);
  void call_free(const SimRecord& record, oracle::UserCall call);
  bool raw_free_retired(unsigned slot, const SimRecord& record);
  void wait_until_idle(unsigned cache);
  void empty_slots_of(unsigned cache, unsigned every = 1);
  bool enter(unsigned cache) { return cache < caches_count_ && caches_[cache].there && caches_[cache].gate.enter(); }
  void leave(unsigned cache);
  void begin_call(oracle::UserCall call);
  oracle::UserEvent event(oracle::UserEventKind kind, oracle::UserCall call, unsigned cache) const;

  const SimAllocator& allocator_;
  sim::Machine& machine_;
  UserSink& sink_;
  // In the machine's memory: what an allocator keeps in its own object is watched as what it keeps in its caches.
  std::array<void*, scenario::limits.caches_max> instances_{};
  const scenario::Scenario* scenario_ = nullptr;
  SimBooks books_;
  Parts parts_;
  std::vector<const SimRecord*> in_hand_;  // of take_and_put_back
  unsigned caches_count_ = 0;
  std::uint32_t fail_next_ = 0;
  std::uint32_t slab_calls_ = 0;  // that the plan of failures was asked about
  std::array<Cache, scenario::limits.caches_max> caches_;
  std::array<std::uint16_t, sim::context_count> operation_{};
  std::array<std::uint32_t, sim::context_count> calls_begun_{};
  std::array<std::uint32_t, sim::context_count> open_sections_{};
};

}  // namespace rcufarm::harness
