// Everything that ThreadSanitizer has to be told, and nothing else of it. Empty without it.
//
// Job: three kinds of annotation, each with its reason. They can hide real races, so there are no more. (Beside them: two
// suppressions of liburcu's own libraries, tsan_suppressions.cpp; and the run-time options of our programs, which turn
// off its check of what signal handlers call, fuzz/targets/sanitizer_defaults.cpp.)
//
// GracePeriodEdges and ReaderEdge. liburcu is not instrumented, and the answers of readers are hidden (rcu_readers.cpp), so the
//   edge "end of a read section -> end of a grace period that waited for it" is invisible. The section's end releases and the
//   grace period's end acquires. Not more than that: a section notes the newest question when it begins, and a grace period
//   acquires from those that are older than its own question, so that a section that began after it seems ordered
//   only if it is. A later grace period has waited for the sections of all earlier ones as well, whoever drove those;
//   that sum is kept by a fiber which does nothing else, since the drivers' own clocks would carry their callbacks
//   along and order these with each other. (Debian's liburcu keeps its own locks to itself through called_from_lib,
//   see tsan_suppressions.cpp.)
//
// Unseen. Locks of the kernel's own books (who owns which CPU, the slab's lists, idle threads) would order threads with
//   each other in ways that an allocator must not rely on, and so hide its races. Inside, accesses and synchronisation
//   are not looked at; the edges that the contract promises are made by atomics outside. The books have to be right
//   without help. What a fuzz engine does between two inputs is not looked at either (fuzz/targets/fuzz_native.cpp). (A signal handler that comes over such a section is looked at: ThreadSanitizer sees to that.)
//
// ForeignMemory. An allocator that is not instrumented (mimalloc) hands memory from one thread to another in a way that
//   ThreadSanitizer cannot see, so the old owner's accesses seem to race with the new one's. Each release happens
//   before each later allocation: far more than is true, so races are to be looked for on malloc, which it knows.
#pragma once

#if defined(__SANITIZE_THREAD__)
#define RCUFARM_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RCUFARM_TSAN 1
#endif
#endif
#ifndef RCUFARM_TSAN
#define RCUFARM_TSAN 0
#endif

#include <atomic>
#include <cstdint>

namespace rcufarm::native::tsan {

inline constexpr bool enabled = RCUFARM_TSAN != 0;

#if RCUFARM_TSAN

class GracePeriodEdges;

// One read section. enter() after the library's lock, so that a grace period whose question comes after this read of the
// newest one waits for the section; leave() before the library's unlock.
class ReaderEdge {
 public:
  void enter(const std::atomic<std::uint64_t>& question) noexcept;
  void leave(GracePeriodEdges& edges) noexcept;

 private:
  std::uint64_t question_ = 0;
};

// The grace periods of one flavour, one after the other: who drives them holds a lock.
class GracePeriodEdges {
 public:
  GracePeriodEdges() noexcept;
  ~GracePeriodEdges();
  GracePeriodEdges(const GracePeriodEdges&) = delete;
  GracePeriodEdges& operator=(const GracePeriodEdges&) = delete;

  // All sections that noted an older question than this one have ended.
  void end(std::uint64_t question) noexcept;

 private:
  friend class ReaderEdge;
  static constexpr std::uint64_t slots = 64;  // of more questions at once, some are taken for older ones
  std::uint64_t add_to_sum(std::uint64_t question) noexcept;

  void* const sum_;           // a fiber: its clock is the sum of all sections that were waited for
  char waited_ = 0;           // an address only: from the fiber to the drivers
  char slot_[slots] = {};     // addresses only, for the sections that noted a question
  std::uint64_t summed_ = 0;  // sections of older questions are in the sum
};

class Unseen {
 public:
  Unseen() noexcept;
  ~Unseen();
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
};

class ForeignMemory {
 public:
  void released() noexcept;
  void allocated() noexcept;

 private:
  char address_ = 0;
};

#else

class ForeignMemory {
 public:
  void released() noexcept {}
  void allocated() noexcept {}
};

class GracePeriodEdges {
 public:
  void end(std::uint64_t) noexcept {}
};

class ReaderEdge {
 public:
  void enter(const std::atomic<std::uint64_t>&) noexcept {}
  void leave(GracePeriodEdges&) noexcept {}
};

class [[maybe_unused]] Unseen {
 public:
  Unseen() noexcept {}
  ~Unseen() {}
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
};

#endif

}  // namespace rcufarm::native::tsan
