// The kinds of findings: of simulated runs, of runs on real threads, of sanitizers and of the farm.
//
// Job: name every kind once: in signatures, files, records, metrics and pages. Plain values, no state; a library of its own,
// which needs no simulator. A kind is a symptom, what a user or the kernel would see; which mistake is behind it, nobody here
// knows. Names are stable, since findings are stored by them, and so are numbers, which go into digests of runs: a new kind
// comes last.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace rcufarm::oracle {

enum class Kind : std::uint8_t {
  none,
  // The life of an object.
  leak,                   // not back in the slab after destroy
  handed_out_twice,       // alloc gave an object that a user still has
  freed_under_user,       // back in the slab while a user has it
  freed_twice,            // given back to the slab a second time
  bad_free,               // given to the slab: no object's start, or memory of the other allocator
  reused_under_reader,    // freed by free_rcu and handed out again while an older regular reader was inside
  returned_under_reader,  // back in the slab while an older reader of either flavour was inside
  wrong_size,             // alloc gave an object smaller than asked for
  wrong_list,             // alloc gave an object of another size class or of another cache
  pending_does_not_fall,  // freed by free_rcu, and not back after many grace periods and served irq_work
  memory_grows,           // balanced use takes more and more memory from the slab
  spurious_null,          // alloc gave nothing with interrupts on and memory to be had
  not_charged,            // memory of an allocator that has an object cgroup, not charged to it
  wrong_count,            // what the allocator counts is not what there is
  // Memory.
  use_after_free,                // an access to memory that is back in the slab
  callback_on_freed_cache,       // a cache is freed with a callback on its way, or in it
  freed_in_use,                  // memory freed while a work, irq_work or lock in it is in use
  corrupted_list,                // a list led to memory that was never handed out, or past an object's end
  data_race,                     // unordered accesses, one a write, at least one plain
  freed_without_happens_before,  // an access is not ordered before the free of its memory
  crash,                         // the process faulted in the allocator
  // The kernel's rules.
  queued_twice,     // an rcu_head or work queued while it is queued
  illegal_context,  // an operation where the kernel's contract forbids it
  double_lock,      // a context locks what it holds
  unbalanced,       // a context ended inside a section, with interrupts off or a lock held
  warning,          // a WARN of the allocator's
  misuse_report,    // the allocator reported a correct user
  // Progress.
  deadlock,  // everybody waits
  no_end,    // the run reached its limit of scheduling points, or went on without any
  // Real threads, whose machine tells less.
  corrupted,      // the owner of an object, or a reader, found other bytes in it than it had written
  slab_misuse,    // the slab's books: freed twice, freed though not the slab's, written after free
  kernel_misuse,  // an operation in a context where it is illegal, an rcu_head queued twice
  no_progress,    // deadlock or livelock
  // What sanitizers report, and what the farm sees from outside.
  asan,
  tsan,
  ubsan,
  hang,            // a worker outlived its time
  nondeterminism,  // two runs of one input differ
};
inline constexpr unsigned kind_count = static_cast<unsigned>(Kind::nondeterminism) + 1;
// Without none.
inline constexpr auto all_kinds = [] {
  std::array<Kind, kind_count - 1> kinds{};
  for (unsigned i = 1; i < kind_count; ++i) kinds[i - 1] = static_cast<Kind>(i);
  return kinds;
}();

// Some of them.
class KindSet {
 public:
  constexpr KindSet() = default;
  constexpr KindSet(std::initializer_list<Kind> kinds) {
    for (const Kind kind : kinds) bits_ |= std::uint64_t{1} << static_cast<unsigned>(kind);
  }
  constexpr bool has(Kind kind) const { return (bits_ >> static_cast<unsigned>(kind) & 1U) != 0; }

 private:
  static_assert(kind_count <= 64);
  std::uint64_t bits_ = 0;
};

// "leak", "handed-out-twice", …
const char* name_of(Kind kind);
std::optional<Kind> kind_named(std::string_view name);
// One line for people: what it means.
const char* meaning_of(Kind kind);
// How bad it is, the worst first: memory that is not whose its user believes it to be; memory that is lost; the rest; what is
// only accused by vector clocks.
enum class Gravity : std::uint8_t { corruption, leak, rest, order };
Gravity gravity_of(Kind kind);
const char* name_of(Gravity gravity);
// The run's state is as good after it as before, so that a search may pass it over and look at what comes behind.
constexpr bool is_harmless(Kind kind) {
  return kind == Kind::spurious_null || kind == Kind::not_charged || kind == Kind::wrong_count || kind == Kind::warning;
}
// Accused by vector clocks alone: nothing orders the two, and the run does not show what can come of it.
constexpr bool is_missing_order(Kind kind) {
  return kind == Kind::data_race || kind == Kind::freed_without_happens_before;
}

}  // namespace rcufarm::oracle
