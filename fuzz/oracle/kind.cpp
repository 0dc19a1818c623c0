#include "oracle/kind.h"

#include <algorithm>

namespace rcufarm::oracle {

namespace {

struct Row {
  Kind kind;
  const char* name;
  const char* meaning;
};

constexpr std::array<Row, kind_count> rows = {{
    {Kind::none, "none", "nothing was found"},
    {Kind::leak, "leak", "an allocation is not back in the slab after everything was destroyed"},
    {Kind::handed_out_twice, "handed-out-twice", "alloc gave an object that a user still has"},
    {Kind::freed_under_user, "freed-under-user", "an object went back to the slab while a user had it"},
    {Kind::freed_twice, "freed-twice", "memory was given back to the slab twice"},
    {Kind::bad_free, "bad-free", "what was given to the slab is no object's start, or is another allocator's"},
    {Kind::reused_under_reader, "reused-under-reader",
     "an object freed by free_rcu was handed out again while an older regular reader was inside"},
    {Kind::returned_under_reader, "returned-under-reader",
     "an object went back to the slab while an older reader was inside"},
    {Kind::wrong_size, "wrong-size", "an object is smaller than its user asked for"},
    {Kind::wrong_list, "wrong-list", "alloc gave an object of another size class or cache"},
    {Kind::pending_does_not_fall, "pending-does-not-fall",
     "objects freed by free_rcu do not come back, though grace periods pass and irq_work is served, or they pile up "
     "and nobody asks "
     "the grace period to hurry"},
    {Kind::memory_grows, "memory-grows", "balanced use takes more and more memory from the slab"},
    {Kind::spurious_null, "spurious-null", "alloc gave nothing, with interrupts on and memory to be had"},
    {Kind::not_charged, "not-charged",
     "an allocator whose maker has an object cgroup hands out memory that is not charged to it"},
    {Kind::wrong_count, "wrong-count", "at rest, what the allocator counts is not what there is"},
    {Kind::use_after_free, "use-after-free", "memory was used that is back in the slab"},
    {Kind::callback_on_freed_cache, "callback-on-freed-cache",
     "a cache was freed with an RCU callback on its way or running"},
    {Kind::freed_in_use, "freed-in-use", "memory was freed while a work item or a lock in it was in use"},
    {Kind::corrupted_list, "corrupted-list",
     "a pointer led to memory that was never handed out, or past an object's end"},
    {Kind::data_race, "data-race", "two accesses, one of them a write, are not ordered"},
    {Kind::freed_without_happens_before, "freed-without-happens-before",
     "an access is not ordered before the free of its memory"},
    {Kind::crash, "crash", "the process faulted: a broken pointer was followed"},
    {Kind::queued_twice, "queued-twice", "an item was queued while it was queued"},
    {Kind::illegal_context, "illegal-context", "an operation in a context in which the kernel forbids it"},
    {Kind::double_lock, "double-lock", "a context takes a lock that it holds"},
    {Kind::unbalanced, "unbalanced", "a context ended inside a section, with interrupts off or with a lock held"},
    {Kind::warning, "warning", "the allocator warned of a broken assumption"},
    {Kind::misuse_report, "misuse-report", "the allocator reported a correct user"},
    {Kind::deadlock, "deadlock", "everybody waits"},
    {Kind::no_end, "no-end", "the run did not end: it reached its limit of scheduling points, or went on without any"},
    {Kind::corrupted, "corrupted", "an owner or a reader found other bytes in an object than its user had written"},
    {Kind::slab_misuse, "slab-misuse",
     "the slab was given what it had not handed out, or memory was written after its free"},
    {Kind::kernel_misuse, "kernel-misuse",
     "an operation in a context in which the kernel forbids it, or an rcu_head queued twice"},
    {Kind::no_progress, "no-progress", "nothing moves any more"},
    {Kind::asan, "asan", "AddressSanitizer reported the program"},
    {Kind::tsan, "tsan", "ThreadSanitizer reported the program"},
    {Kind::ubsan, "ubsan", "UndefinedBehaviorSanitizer reported the program"},
    {Kind::hang, "hang", "a worker did not end in its time"},
    {Kind::nondeterminism, "nondeterminism", "two runs of one input differ"},
}};
static_assert(std::ranges::all_of(rows, [](const Row& row) { return &row == &rows[static_cast<unsigned>(row.kind)]; }),
              "a row for each kind, in the order of the kinds");

}  // namespace

const char* name_of(Kind kind) { return rows[static_cast<unsigned>(kind)].name; }

std::optional<Kind> kind_named(std::string_view name) {
  // As stores from before have it.
  if (name == "nondeterministic") return Kind::nondeterminism;
  const auto* const row = std::find_if(rows.begin() + 1, rows.end(), [&](const Row& r) { return name == r.name; });
  return row == rows.end() ? std::nullopt : std::optional(row->kind);
}

Gravity gravity_of(Kind kind) {
  switch (kind) {
    case Kind::handed_out_twice:
    case Kind::freed_under_user:
    case Kind::freed_twice:
    case Kind::bad_free:
    case Kind::reused_under_reader:
    case Kind::returned_under_reader:
    case Kind::wrong_size:
    case Kind::wrong_list:
    case Kind::use_after_free:
    case Kind::callback_on_freed_cache:
    case Kind::freed_in_use:
    case Kind::corrupted_list:
    case Kind::crash:
    case Kind::queued_twice:
    case Kind::corrupted:
    case Kind::slab_misuse:
    case Kind::asan: return Gravity::corruption;
    case Kind::leak:
    case Kind::pending_does_not_fall:
    case Kind::memory_grows: return Gravity::leak;
    case Kind::data_race:
    case Kind::freed_without_happens_before: return Gravity::order;
    case Kind::none:
    case Kind::spurious_null:
    case Kind::not_charged:
    case Kind::wrong_count:
    case Kind::illegal_context:
    case Kind::double_lock:
    case Kind::unbalanced:
    case Kind::warning:
    case Kind::misuse_report:
    case Kind::deadlock:
    case Kind::no_end:
    case Kind::kernel_misuse:
    case Kind::no_progress:
    case Kind::tsan:
    case Kind::ubsan:
    case Kind::hang:
    case Kind::nondeterminism: return Gravity::rest;
  }
  return Gravity::rest;
}

const char* name_of(Gravity gravity) {
  switch (gravity) {
    case Gravity::corruption: return "corruption";
    case Gravity::leak: return "leak";
    case Gravity::rest: return "other";
    case Gravity::order: return "missing order";
  }
  return "";
}

const char* meaning_of(Kind kind) { return rows[static_cast<unsigned>(kind)].meaning; }

}  // namespace rcufarm::oracle
