// Violations that the user of a native run has seen.
//
// Job: collect them from any context, without locks or allocation, and make findings of them after the run. One run owns
// them. The first of each kind is kept; the rest is counted.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "harness/finding.h"

namespace rcufarm::harness {

class Violations {
 public:
  // Any context. `what` lives for ever; `number` is the object's record.
  void add(oracle::Kind kind, const char* what, std::uint32_t number) {
    Entry& entry = entries_[static_cast<unsigned>(kind)];
    if (entry.count.fetch_add(1, std::memory_order_relaxed) == 0) {
      entry.number.store(number, std::memory_order_relaxed);
      entry.what.store(what, std::memory_order_release);  // pairs with the acquire in findings()
    }
  }

  // After the run.
  void append_to(std::vector<Finding>& findings) const;

 private:
  struct Entry {
    std::atomic<std::uint64_t> count{0};
    std::atomic<std::uint32_t> number{0};
    std::atomic<const char*> what{nullptr};
  };
  static constexpr unsigned kinds = oracle::kind_count;
  Entry entries_[kinds];
};

}  // namespace rcufarm::harness
