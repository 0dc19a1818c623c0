// What a run says: findings, and how much was run.
//
// Job: the values that a run gives to whoever asked for it. No state. Shared by the native and the simulated harness.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rcufarm::harness {

enum class FindingKind : std::uint8_t {
  leak,                   // objects not back in the slab after destroy
  handed_out_twice,       // alloc gave an object that a user still has
  wrong_size,             // alloc gave an object smaller than asked
  corrupted,              // the owner of an object found other bytes in it than it had written
  reused_under_reader,    // freed by free_rcu, and handed out again while an older regular reader was inside
  returned_under_reader,  // back in the slab while an older reader was inside
  slab_misuse,            // the slab's books: freed twice, freed though not the slab's, written after free
  kernel_misuse,          // an operation in a context where it is illegal, an rcu_head queued twice
  warning,                // a WARN of the allocator's
  misuse_report,          // the allocator reported a correct user
  no_progress,            // deadlock or livelock
};

const char* name_of(FindingKind kind);

struct Finding {
  FindingKind kind = FindingKind::leak;
  // Kind and the names involved; no addresses, counts or line numbers, so that one mistake has one signature.
  std::string signature;
  // What happened, for people.
  std::string detail;
};

struct Outcome {
  std::vector<Finding> findings;
  std::uint64_t operations = 0;  // that ran
  std::uint64_t skipped = 0;     // that were illegal when their turn came
  std::uint64_t objects = 0;     // handed out
};

// Lines as people read them: one finding after another.
std::string describe(const Outcome& outcome);

}  // namespace rcufarm::harness
