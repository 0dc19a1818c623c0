// The kernel interface, part one: the nouns that are the same on every kernel.
//
// Job: plain types, no code and no state. May include: the standard's freestanding headers only.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rcufarm::kernel {

// A CPU's number, 0 … nr_cpus() - 1. It is also the memory node of that CPU (one node per CPU).
enum class Cpu : std::uint32_t {};

// What runs on a CPU. An irq does not nest in an irq, nor an nmi in an nmi; each may come over the ones before it.
enum class Context : std::uint8_t { task, irq, nmi };

// `tasks_trace` readers are ReadSections of that flavour. `regular` readers are ReadSections of that one; in the simulator,
// as in Linux, also sections with interrupts off, irqs and nmis. Natively they are not, so an allocator may not rely on it.
enum class RcuFlavor : std::uint8_t { regular, tasks_trace };
inline constexpr unsigned rcu_flavor_count = 2;

// May an allocation sleep? `nowait` is legal with interrupts off and in irq context, `kernel` only in task context with
// interrupts on and outside a regular read section.
enum class Gfp : std::uint8_t { nowait, kernel };

// Why an allocation gave nothing.
enum class AllocFailure : std::uint8_t { none, slab, cgroup };

// C++'s memory orders, so that the allocator needs no <atomic>. Every use that is weaker than seq_cst names its peer.
enum class Order : std::uint8_t { relaxed, acquire, release, acq_rel, seq_cst };

// The first and the last of `count` nodes of a list, each of which points to the one behind it; the last one's next may be
// anything. Empty: nulls and 0.
template <class Node>
struct LlistRun {
  Node* first = nullptr;
  Node* last = nullptr;
  int count = 0;
};

// Misuse of the allocator that it can detect. `object` is where the user's bytes start.
struct Misuse {
  const char* call;    // the function that was called: "free", "free_rcu", …
  const char* what;    // what is wrong, in words
  const void* object;  // the object that was handed in, or null
};

}  // namespace rcufarm::kernel
