// One round of an adopted allocator on real threads.
//
// Job: what a round's process and the one that watches it share, and the round itself: init, some threads that allocate, hand over,
// look and free, destroy. A round ends its process. No thread of it outlives that.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace rcufarm::real {

inline constexpr unsigned threads_max = 4;
inline constexpr int exit_found = 3;  // by the looks of real_round.cpp; sanitizers have numbers of their own
inline constexpr int exit_cannot = 4;

// In memory that both processes have.
struct Page {
  std::atomic<std::uint64_t> rounds{0};  // that came to their end
  std::atomic<std::uint64_t> operations{0};
  std::atomic<std::uint64_t> objects{0};
  std::atomic<std::uint64_t> looks{0};
  std::array<std::atomic<const char*>, threads_max + 1> doing{};  // texts of this program; the main thread's first
};
extern Page* page;

// In a process with no thread. Its random choices come from the seed; an end without a look for leaks is quicker.
[[noreturn]] void run_round(std::uint64_t seed, bool looks_for_leaks);

}  // namespace rcufarm::real
