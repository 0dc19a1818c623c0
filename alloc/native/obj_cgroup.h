// An object cgroup: a limit on what a group of threads may have allocated.
//
// Job: count bytes and references. A machine owns at most one, as long as it lives. Any context but nmi.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "native/port/slab.h"

namespace rcufarm::kernel {
inline namespace native {

// Relaxed throughout: a limit orders nothing, and an edge from one allocation to another could hide a race.
class ObjCgroup {
 public:
  // limit 0: none.
  explicit ObjCgroup(std::size_t limit_bytes) noexcept : limit_(limit_bytes) {}

  // False: it would pass the limit, and nothing is charged.
  bool charge(std::size_t bytes) noexcept {
    const std::size_t before = charged_.fetch_add(bytes, std::memory_order_relaxed);
    if (limit_ == 0 || before + bytes <= limit_) return true;
    uncharge(bytes);
    return false;
  }
  void uncharge(std::size_t bytes) noexcept { charged_.fetch_sub(bytes, std::memory_order_relaxed); }
  std::size_t charged_bytes() const noexcept { return charged_.load(std::memory_order_relaxed); }

  void get() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void put() noexcept { references_.fetch_sub(1, std::memory_order_relaxed); }
  // get_obj_cgroup_from_current() without obj_cgroup_put().
  std::int64_t references() const noexcept { return references_.load(std::memory_order_relaxed); }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> charged_{0};
  std::atomic<std::int64_t> references_{0};
};

}  // namespace native
}  // namespace rcufarm::kernel
