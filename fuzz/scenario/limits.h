// Every bound of the scenario format, in one place.
//
// Job: name the limits. No state; anyone may read it. A codec, a generator or a mutator that needs a bound takes it from
// here, and so does the documentation that is printed from the tables.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rcufarm::scenario {

struct Limits {
  unsigned cpus_max = 8;
  unsigned tasks_max = 8;
  unsigned caches_max = 4;
  unsigned slots_max = 32;
  unsigned nested_programs_max = 8;
  unsigned ops_max = 4096;       // of all tasks and nested programs together
  unsigned nested_ops_max = 16;  // of one nested program
  unsigned section_depth_max =
      4;  // read sections and irq-off blocks of one task that are open at once, counted together
  unsigned unit_bytes_max = 4096;  // of a fixed-size or a per-CPU cache; at least 1
  unsigned alloc_bytes_max =
      4100;  // of one allocation from a size-class cache; 0 and what is past 4096 are bad arguments
  unsigned fail_next_max = 16;
  unsigned pause_max = 64;
  unsigned fail_after_max = 65535;  // slab allocations before the failure plan starts
  unsigned fail_bits = 32;          // slab allocations that the plan speaks about
  unsigned cgroup_amount_max = 65535;
  unsigned cgroup_bytes_unit = 64;  // a limit in bytes is a multiple of it
  std::size_t text_bytes_max = 1U << 20U;
};

// The limits of the format. A generator may be given tighter ones.
inline constexpr Limits limits{};

}  // namespace rcufarm::scenario
