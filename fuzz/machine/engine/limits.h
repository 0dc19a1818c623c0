// Every bound of the simulator, in one place.
//
// Job: name the limits. No state; anyone may read it. Reaching one is an outcome of the run (End::limit, with the name
// of the limit) or, where only a host can cause it, an abort that says so.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rcufarm::sim {

inline constexpr unsigned cpus_max = 8;
inline constexpr unsigned tasks_max = 16;
inline constexpr unsigned threads_started_max = 8;       // of those, by the code under test itself (kernel/threads.h)
inline constexpr unsigned programs_max = 16;             // irq and nmi programs
inline constexpr unsigned section_depth_max = 64;        // read sections or irq-off sections open in one context
inline constexpr unsigned callbacks_max = 1024;          // queued at one time, both flavours together
inline constexpr unsigned works_max = 64;                // queued at one time
inline constexpr unsigned irq_works_max = 256;           // raised at one time on one CPU
inline constexpr std::size_t object_bytes_backed = 128;  // of a slab object; what lies behind it has no memory
// Before, between and behind the CPUs' instances of a PerCpu: an index that is one off meets nobody's memory.
inline constexpr std::size_t caches_guard_bytes = 2048;
inline constexpr std::size_t objects_bytes = std::size_t{64} << 20U;
// Blocks of the heap that are this large have memory where they are touched, a page at a time, and lie behind all others.
inline constexpr std::size_t large_block_bytes = std::size_t{64} << 10U;
inline constexpr std::size_t arena_bytes = std::size_t{512} << 20U;
inline constexpr std::size_t host_words_max = 4096;  // words outside the arena that one run may touch through the port
inline constexpr std::size_t sites_max = 4096;       // places in the source, over the life of a machine
inline constexpr std::size_t clock_words_max = std::size_t{1} << 20U;  // of vector clocks in one run
inline constexpr std::size_t deviations_max = std::size_t{1} << 18U;   // recorded in one run
inline constexpr std::uint64_t steps_max = std::uint64_t{1} << 25U;    // scheduling points of one run

}  // namespace rcufarm::sim
