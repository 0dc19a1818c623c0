// What a machine has to say: warnings, misuse, illegal contexts, and what the slab's books found.
//
// Job: keep the first texts and count all, by kind. A machine owns one. add(): any thread and any context, a signal
// handler too (no lock, no allocation). Reading: any thread, outside nmi; what is being added meanwhile may be missing.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "native/limits.h"
#include "native/text.h"

namespace rcufarm::native {

enum class ReportKind : std::uint8_t {
  warning,            // warn_on
  misuse,             // report_misuse: an allocator's user did something wrong
  illegal_context,    // an operation where kernel/README.md forbids it
  rcu_head_requeued,  // call_rcu of a head that is queued
  double_free,
  foreign_free,      // free of, or a question about, what the slab did not hand out that way
  write_after_free,  // poison is not what it was
  write_out_of_bounds,
  unsettled,  // still callbacks or work after many barriers
};
inline constexpr unsigned report_kind_count = 9;

// In words, for people: "double free".
const char* name_of(ReportKind kind) noexcept;

struct Report {
  ReportKind kind;
  std::string text;
};

class Reports {
 public:
  void add(ReportKind kind, const Text& text) noexcept;

  std::uint64_t count(ReportKind kind) const noexcept;
  std::uint64_t count() const noexcept;
  // The first limits::reports_max, in the order in which they came.
  std::vector<Report> list() const;
  // One line for each of list(), and one that says how many more there were. Empty if there were none.
  std::string print() const;

 private:
  struct Slot {
    std::atomic<bool> written{false};
    ReportKind kind{};
    Text text;
  };

  std::array<std::atomic<std::uint64_t>, report_kind_count> counts_{};
  std::atomic<std::uint64_t> claimed_{0};
  std::array<Slot, limits::reports_max> slots_;
};

}  // namespace rcufarm::native
