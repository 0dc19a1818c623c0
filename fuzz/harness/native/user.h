// The user of the allocators of one native run: what a correct program does with them, and what it checks.
//
// Job: the operations that touch an allocator, for tasks, irq and nmi programs alike. One run owns it. The calls say in
// which contexts they are legal. Whatever it finds wrong goes to the run's findings.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "harness/native/books.h"
#include "harness/native/cache_gate.h"
#include "harness/native/run_figures.h"
#include "harness/native/violations.h"
#include "mem/mem_alloc.h"
#include "native/machine.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

class User {
 public:
  User(const scenario::Scenario& scenario, native::Machine& machine, RunFigures* figures = nullptr);

  // Before and after the tasks, on a thread that owns a CPU.
  void init_caches();
  void destroy_all();

  // Any context. True: it ran; false: it was illegal now.
  bool alloc(const scenario::Operation& op);
  bool free(unsigned slot);
  bool free_rcu(unsigned slot);

  // Task context.
  bool alloc_flags(const scenario::Operation& op);
  bool raw_free(unsigned slot);
  bool synchronize(kernel::RcuFlavor flavor);
  // Takes the object out of its slot, checks it, and puts it back.
  bool verify_as_owner(unsigned slot);
  void fail_next(unsigned allocations);
  // No section and no irq-off block of the caller's may be open.
  bool destroy(unsigned cache);

  // For read sections: the object in a slot, with its cache held open until let_go(); null if there is none.
  Record* hold(unsigned slot);
  void let_go(const Record& record) { caches_[record.cache].gate.leave(); }
  // Reads the object and accuses, knowing which kinds of reader are inside.
  void read(const Record& record, bool regular_reader);

  const Violations& violations() const { return violations_; }
  const Books& books() const { return books_; }

 private:
  struct Cache {
    mem::MemAlloc allocator;
    CacheGate gate;
    scenario::CacheKind kind = scenario::CacheKind::fixed;
    std::uint16_t size = 0;
  };

  void hand_out(unsigned cache, unsigned slot, void* user, std::uint16_t bytes);
  bool take_and_free(unsigned slot, Fate fate);
  void give_back(Record& record, Fate fate);
  void accuse_unless_intact(const Record& record);
  bool may_allocate(unsigned cache, unsigned slot) const;
  template <class Visit>
  void for_instances(const Record& record, Visit visit) const;

  const scenario::Scenario& scenario_;
  native::Machine& machine_;
  RunFigures* const figures_;
  Books books_;
  Violations violations_;
  unsigned caches_count_;
  std::array<Cache, scenario::limits.caches_max> caches_;
};

}  // namespace rcufarm::harness
