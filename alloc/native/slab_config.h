// How a machine's slab is set up.
//
// Job: plain settings; a copy stays with the Slab.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "native/limits.h"

namespace rcufarm::native {

// Where memory comes from. `arena`: the machine's own, all of it given back at the machine's end. `pages`: small objects lie
// side by side in pages of the machine's own, with five bytes of books each (slab_pages.h), the rest is malloc's; in a build
// with a sanitizer all is. Without poison and quarantine only.
enum class Backing : std::uint8_t { malloc, mimalloc, arena, pages };

// What ksize says. `sixteen_more`: the next multiple of 16, and 16 more, so that 96 falls between two size classes.
enum class Rounding : std::uint8_t { exact, kmalloc_buckets, sixteen_more };

// Which allocations fail, by their number (the machine's first is 1). All parts that are set apply.
struct FailurePlan {
  std::uint64_t nth = 0;    // this one; 0: none
  std::uint64_t every = 0;  // this one and each of its multiples; 0: none
  std::string bits{};       // bits[i] == '1': number i + 1 fails; behind its end, none does
};

struct SlabConfig {
  Backing backing = Backing::malloc;
  Rounding rounding = Rounding::exact;
  // Fill what is handed out and what comes back, and look whether the filling is still there where nobody may write.
  bool poison = true;
  // Freed memory stays mapped and poisoned until it is pushed out (quarantine_bytes) or the machine ends.
  bool quarantine = false;
  std::size_t quarantine_bytes = limits::quarantine_bytes_max;
  FailurePlan failures{};
  // The machine's threads are in an object cgroup. limit 0: none.
  bool cgroup = false;
  std::size_t cgroup_limit_bytes = 0;
  // Of all live objects, rounded; past it, allocations fail. 0: none.
  std::size_t memory_limit_bytes = 0;
};

// What is wrong with the settings and what to do; empty if nothing is. Loads mimalloc if it is asked for.
std::string problem_with(const SlabConfig& config);

}  // namespace rcufarm::native
