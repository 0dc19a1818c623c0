// Steps, as strategies that reduce a search see them.
//
// Job: the value: what one context did between two points at which others could have gone on, with all that it touched.
// Two steps of different contexts that do not conflict commute: in either order they leave the same machine behind, but for
// names that nobody sees (serial numbers, the address of an allocation that no free reused). Plain values; valid in the call.
#pragma once

#include <cstdint>
#include <span>

#include "kernel/types.h"
#include "machine/engine/context_id.h"
#include "machine/engine/events.h"
#include "machine/engine/limits.h"

namespace rcufarm::sim {

// Memory that a step read or wrote: a word, or the whole of an object that was allocated or freed.
struct Touched {
  const char* begin = nullptr;
  std::uint32_t bytes = 0;
  bool writes = false;

  bool operator==(const Touched&) const = default;
};

// What steps use of the machine besides memory: a bit for each use, so that one step can conflict with another's use of the
// same thing or not.
class Resources {
 public:
  constexpr Resources() = default;

  // Something ran on the CPU; its interrupts, who is on it, what is raised there. Where order is checked, or memory is weak,
  // every step of a CPU is the latter, since its contexts share what they have seen.
  static constexpr Resources on_cpu(unsigned cpu) { return bit(cpu); }
  static constexpr Resources of_cpu(unsigned cpu) { return bit(first_of_cpu + cpu); }
  static constexpr Resources of_all_cpus() { return run_of(first_of_cpu, cpus_max); }
  // A section of the flavour, or what holds its grace periods up like one, begins or ends.
  static constexpr Resources section(kernel::RcuFlavor flavor) { return bit(first_section + index(flavor)); }
  // call_rcu, synchronize: which of those have to end first?
  static constexpr Resources grace_period(kernel::RcuFlavor flavor) { return bit(first_grace_period + index(flavor)); }
  // One of those ends; and whoever waited for such a one goes on.
  static constexpr Resources awaited(kernel::RcuFlavor flavor) { return bit(first_awaited + index(flavor)); }
  static constexpr Resources waited(kernel::RcuFlavor flavor) { return bit(first_waited + index(flavor)); }
  // A program is raised, begins, or is waited for.
  static constexpr Resources program(unsigned number) { return bit(first_program + number); }
  static constexpr Resources all_programs() { return run_of(first_program, programs_max); }
  // An allocation or a free; one whose order among the others shows (memory is used again, allocations are numbered or limited).
  static constexpr Resources slab() { return bit(single); }
  static constexpr Resources slab_order() { return bit(single + 1); }
  static constexpr Resources workqueue() { return bit(single + 2); }
  // What a user does, calls and frees, so that somebody may compare its moment with those of read sections; those.
  static constexpr Resources user() { return bit(single + 3); }
  static constexpr Resources reader() { return bit(single + 8); }
  // The host's waits, and what may end them.
  static constexpr Resources waits() { return bit(single + 4); }
  static constexpr Resources notifies() { return bit(single + 5); }
  // Weak memory: a full fence, of all of which there is one order, or one for all store buffers; a store buffer changes.
  static constexpr Resources fences() { return bit(single + 6); }
  static constexpr Resources buffers() { return bit(single + 7); }

  constexpr Resources& operator|=(Resources other) {
    bits_ |= other.bits_;
    return *this;
  }
  friend constexpr Resources operator|(Resources a, Resources b) { return a |= b; }
  friend constexpr bool operator==(Resources, Resources) = default;
  constexpr bool has(Resources all) const { return (bits_ & all.bits_) == all.bits_; }

  constexpr bool meets(Resources other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool shares_cpu_with(Resources other) const {
    return (bits_ & other.bits_ & run_of(0, cpus_max).bits_) != 0;
  }
  // All uses that one of these conflicts with: for whoever compares a step with many.
  constexpr Resources conflicting() const;
  constexpr bool conflicts_with(Resources other) const { return conflicting().meets(other); }

 private:
  static constexpr unsigned flavors_max = 4;
  static constexpr unsigned first_of_cpu = cpus_max;
  static constexpr unsigned first_section = 2 * cpus_max;
  static constexpr unsigned first_grace_period = first_section + flavors_max;
  static constexpr unsigned first_awaited = first_grace_period + flavors_max;
  static constexpr unsigned first_waited = first_awaited + flavors_max;
  static constexpr unsigned first_program = first_waited + flavors_max;
  static constexpr unsigned single = first_program + programs_max;
  static_assert(kernel::rcu_flavor_count <= flavors_max && single + 9 <= 64);

  static constexpr unsigned index(kernel::RcuFlavor flavor) { return static_cast<unsigned>(flavor); }
  static constexpr Resources bit(unsigned number) {
    Resources one;
    one.bits_ = std::uint64_t{1} << number;
    return one;
  }
  static constexpr Resources run_of(unsigned first, unsigned count) {
    Resources some;
    some.bits_ = ((std::uint64_t{1} << count) - 1) << first;
    return some;
  }

  std::uint64_t bits_ = 0;
};

constexpr Resources Resources::conflicting() const {
  constexpr std::uint64_t on = run_of(0, cpus_max).bits_;
  constexpr std::uint64_t of = run_of(first_of_cpu, cpus_max).bits_;
  constexpr std::uint64_t sections = run_of(first_section, flavors_max).bits_;
  constexpr std::uint64_t grace = run_of(first_grace_period, flavors_max).bits_;
  constexpr std::uint64_t awaited = run_of(first_awaited, flavors_max).bits_;
  constexpr std::uint64_t waited = run_of(first_waited, flavors_max).bits_;
  Resources all;
  all.bits_ = (bits_ & on) << first_of_cpu | (bits_ & of) >> first_of_cpu | (bits_ & of);
  all.bits_ |= (bits_ & sections) << flavors_max | (bits_ & grace) >> flavors_max;
  all.bits_ |= (bits_ & awaited) << flavors_max | (bits_ & waited) >> flavors_max;
  all.bits_ |= bits_ & all_programs().bits_;
  if (has(reader())) all |= user();
  if (has(user())) all |= reader();
  if (has(slab())) all |= slab_order();
  if (has(slab_order())) all |= slab() | slab_order();
  if (has(waits())) all |= notifies();
  if (has(notifies())) all |= waits();
  if (has(fences())) all |= fences() | buffers();
  if (has(buffers())) all |= fences();
  all.bits_ |= bits_ & workqueue().bits_;
  return all;
}

struct Step {
  ContextId context = idle_context;
  Op op = Op::none;  // the operation that it began with; start: it began with none
  Resources resources;
  std::span<const Touched> words;
  // It commutes with none: it comes to yield, or yields, or ended the run with more to come, or touched more than is kept.
  bool is_everything = false;
};

inline constexpr unsigned touched_max = 64;

inline bool overlap(const Touched& a, const Touched& b) {
  return a.begin < b.begin + b.bytes && b.begin < a.begin + a.bytes;
}

// May the order of two steps show? Of one context, always.
inline bool conflict(const Step& a, const Step& b) {
  if (a.context == b.context || a.is_everything || b.is_everything || a.resources.conflicts_with(b.resources))
    return true;
  for (const Touched& one : a.words) {
    for (const Touched& other : b.words) {
      if ((one.writes || other.writes) && overlap(one, other)) return true;
    }
  }
  return false;
}

}  // namespace rcufarm::sim
