// Oracle: alloc gives nothing only for a reason.
//
// Job: accuse a null that a task got with interrupts on, from a cache and CPU where nothing can have used the free list
// up: no irq, no nmi and no stretch with interrupts off has allocated there, and no allocation from the slab has failed
// there (then irq_work has always refilled before the task's next step). A run owns it. It errs on the side of
// the allocator: a reason that came once holds to the end of the run.
#pragma once

#include <cstdint>

#include "machine/engine/events.h"
#include "machine/engine/limits.h"
#include "oracle/user_event.h"
#include "oracle/verdict.h"

namespace rcufarm::oracle {

class SpuriousNull {
 public:
  explicit SpuriousNull(Verdict& verdict) : verdict_(verdict) {}

  void on_alloc_failed(const sim::Event& e);
  void on_cache_missing(const UserEvent& u);
  void on_alloc_begins(const UserEvent& u);
  void on_alloc_gave(const UserEvent& u);
  void on_alloc_gave_null(const UserEvent& u);
  void reset() {
    failed_ = 0;
    for (Cache& cache : caches_) cache = Cache{};
  }

 private:
  static constexpr unsigned caches_max = 8;
  struct Cache {
    std::uint32_t used_up = 0;  // CPUs, by bit: somebody allocated without irq_work between
    bool served = false;
    std::uint64_t refused[sim::cpus_max] = {};  // of a cache that never served anything: bytes of the last null, and 1
  };
  Verdict& verdict_;
  std::uint32_t failed_ = 0;  // CPUs, by bit: the slab gave nothing
  Cache caches_[caches_max];
};

}  // namespace rcufarm::oracle
