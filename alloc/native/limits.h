// Every limit of the native kernel, by name.
//
// Job: one place to look up what is bounded, and by how much. Constants only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rcufarm::native::limits {

inline constexpr unsigned cpus_max = 64;
inline constexpr unsigned threads_max = 256;      // of the process-wide pool
inline constexpr unsigned wait_ms_max = 120'000;  // any wait of the kernel's own; past it, the program dies saying so
inline constexpr unsigned irq_work_runs_max = 1'000'000;  // in one go on one CPU: an item that queues itself for ever
inline constexpr unsigned settle_rounds_max = 64;  // barriers until nothing is queued: a callback that never stops
inline constexpr std::chrono::milliseconds patience_max{1};  // with readers that are silent, see grace_periods.h
inline constexpr unsigned reports_max = 64;                  // texts kept by a machine; the counters go on
inline constexpr std::size_t report_bytes_max = 240;         // of one text
inline constexpr std::size_t allocation_bytes_max = std::size_t{1} << 30;  // of a slab object, all CPUs' instances
inline constexpr std::size_t quarantine_bytes_max = std::size_t{64} << 20;
inline constexpr std::size_t arena_bytes_max = std::size_t{4} << 30;
inline constexpr unsigned slab_shards = 16;
inline constexpr unsigned recent_frees = 32;           // remembered by each shard for describe()
inline constexpr std::size_t interior_bytes_max = 48;  // how far into an object it is recognised without a search
inline constexpr unsigned read_nesting_max = 64;       // of the C functions' read sections, per thread and flavour

}  // namespace rcufarm::native::limits
