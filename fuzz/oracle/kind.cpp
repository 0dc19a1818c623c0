#include "oracle/kind.h"

namespace rcufarm::oracle {

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::none: return "none";
    case Kind::leak: return "leak";
    case Kind::handed_out_twice: return "handed-out-twice";
    case Kind::freed_under_user: return "freed-under-user";
    case Kind::freed_twice: return "freed-twice";
    case Kind::bad_free: return "bad-free";
    case Kind::reused_under_reader: return "reused-under-reader";
    case Kind::returned_under_reader: return "returned-under-reader";
    case Kind::wrong_size: return "wrong-size";
    case Kind::wrong_list: return "wrong-list";
    case Kind::pending_does_not_fall: return "pending-does-not-fall";
    case Kind::memory_grows: return "memory-grows";
    case Kind::spurious_null: return "spurious-null";
    case Kind::not_charged: return "not-charged";
    case Kind::wrong_count: return "wrong-count";
    case Kind::use_after_free: return "use-after-free";
    case Kind::callback_on_freed_cache: return "callback-on-freed-cache";
    case Kind::freed_in_use: return "freed-in-use";
    case Kind::corrupted_list: return "corrupted-list";
    case Kind::data_race: return "data-race";
    case Kind::freed_without_happens_before: return "freed-without-happens-before";
    case Kind::crash: return "crash";
    case Kind::queued_twice: return "queued-twice";
    case Kind::illegal_context: return "illegal-context";
    case Kind::double_lock: return "double-lock";
    case Kind::unbalanced: return "unbalanced";
    case Kind::warning: return "warning";
    case Kind::misuse_report: return "misuse-report";
    case Kind::deadlock: return "deadlock";
    case Kind::no_end: return "no-end";
  }
  return "none";
}

std::optional<Kind> kind_named(std::string_view name) {
  for (unsigned i = 1; i < kind_count; ++i) {
    if (name == name_of(static_cast<Kind>(i))) return static_cast<Kind>(i);
  }
  return std::nullopt;
}

const char* meaning_of(Kind kind) {
  switch (kind) {
    case Kind::none: return "nothing was found";
    case Kind::leak: return "an allocation is not back in the slab after everything was destroyed";
    case Kind::handed_out_twice: return "alloc gave an object that a user still has";
    case Kind::freed_under_user: return "an object went back to the slab while a user had it";
    case Kind::freed_twice: return "memory was given back to the slab twice";
    case Kind::bad_free: return "what was given to the slab is no object's start, or is another allocator's";
    case Kind::reused_under_reader:
      return "an object freed by free_rcu was handed out again while an older regular reader was inside";
    case Kind::returned_under_reader: return "an object went back to the slab while an older reader was inside";
    case Kind::wrong_size: return "an object is smaller than its user asked for";
    case Kind::wrong_list: return "alloc gave an object of another size class or cache";
    case Kind::pending_does_not_fall:
      return "objects freed by free_rcu do not come back, though grace periods pass and irq_work is served";
    case Kind::memory_grows: return "balanced use takes more and more memory from the slab";
    case Kind::spurious_null: return "alloc gave nothing, with interrupts on and memory to be had";
    case Kind::not_charged:
      return "an allocator whose maker has an object cgroup hands out memory that is not charged to it";
    case Kind::wrong_count: return "at rest, what the allocator counts is not what there is";
    case Kind::use_after_free: return "memory was used that is back in the slab";
    case Kind::callback_on_freed_cache: return "a cache was freed with an RCU callback on its way or running";
    case Kind::freed_in_use: return "memory was freed while a work item or a lock in it was in use";
    case Kind::corrupted_list: return "a pointer led to memory that was never handed out, or past an object's end";
    case Kind::data_race: return "two accesses, one of them a write, are not ordered";
    case Kind::freed_without_happens_before: return "an access is not ordered before the free of its memory";
    case Kind::crash: return "the process faulted: a broken pointer was followed";
    case Kind::queued_twice: return "an item was queued while it was queued";
    case Kind::illegal_context: return "an operation in a context in which the kernel forbids it";
    case Kind::double_lock: return "a context takes a lock that it holds";
    case Kind::unbalanced: return "a context ended inside a section, with interrupts off or with a lock held";
    case Kind::warning: return "the allocator warned of a broken assumption";
    case Kind::misuse_report: return "the allocator reported a correct user";
    case Kind::deadlock: return "everybody waits";
    case Kind::no_end: return "the run did not end within its limit of scheduling points";
  }
  return "";
}

}  // namespace rcufarm::oracle
