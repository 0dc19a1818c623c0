#include "harness/native/user.h"

#include <chrono>
#include <thread>

#include "harness/native/stamp.h"
#include "kernel/kernel.h"
#include "native/fill.h"
#include "native/slab.h"

namespace rcufarm::harness {

using scenario::CacheKind;

namespace {

// What a run may hand out: each operation can allocate once, nested programs run several times.
std::size_t records_max(const scenario::Scenario& scenario) {
  constexpr std::size_t nested_runs_max = 16;
  std::size_t n = 0;
  for (const scenario::Task& task : scenario.tasks) n += task.ops.size();
  for (const scenario::Program& program : scenario.programs) n += program.ops.size() * nested_runs_max;
  return n + 1;
}

// Whoever is inside goes on and leaves; the wait is bounded by the run's watchdog. A thread that waits owns no CPU.
void wait_until_idle(const CacheGate& gate) {
  if (gate.is_idle()) return;
  const native::WaitWithoutCpu no_cpu;
  while (!gate.is_idle()) std::this_thread::yield();
}

}  // namespace

User::User(const scenario::Scenario& scenario, native::Machine& machine, RunFigures* figures)
    : scenario_(scenario),
      machine_(machine),
      figures_(figures),
      books_(records_max(scenario)),
      caches_count_(static_cast<unsigned>(scenario.caches.size())) {
  for (unsigned i = 0; i < caches_count_; ++i) {
    caches_[i].kind = scenario.caches[i].kind;
    caches_[i].size = scenario.caches[i].size;
  }
}

void User::init_caches() {
  for (unsigned i = 0; i < caches_count_; ++i) {
    const mem::Error error = caches_[i].allocator.init(caches_[i].size, caches_[i].kind == CacheKind::percpu);
    // Out of memory on demand is no mistake of the allocator's: its cache is just not there.
    if (error != mem::Error::none) caches_[i].gate.close();
  }
}

bool User::may_allocate(unsigned cache, unsigned slot) const {
  return cache < caches_count_ && books_.is_empty(slot) && !books_.is_full();
}

bool User::alloc(const scenario::Operation& op) {
  if (!may_allocate(op.cache, op.slot)) return false;
  Cache& cache = caches_[op.cache];
  if (!cache.gate.enter()) return false;
  const bool by_size = cache.kind == CacheKind::classes;
  const std::uint16_t bytes = by_size ? op.size : cache.size;
  void* user = by_size ? cache.allocator.alloc(bytes) : cache.allocator.cache_alloc();
  if (user != nullptr) hand_out(op.cache, op.slot, user, bytes);
  cache.gate.leave();
  return true;
}

bool User::alloc_flags(const scenario::Operation& op) {
  if (!may_allocate(op.cache, op.slot) || caches_[op.cache].kind == CacheKind::classes) return false;
  Cache& cache = caches_[op.cache];
  if (!cache.gate.enter()) return false;
  const auto gfp = op.gfp() == scenario::Gfp::kernel ? kernel::Gfp::kernel : kernel::Gfp::nowait;
  void* user = cache.allocator.cache_alloc_flags(gfp);
  if (user != nullptr) hand_out(op.cache, op.slot, user, cache.size);
  cache.gate.leave();
  return true;
}

// Checks what came out of the allocator, stamps it, and puts it into its slot.
void User::hand_out(unsigned cache, unsigned slot, void* user, std::uint16_t bytes) {
  Record* record = books_.begin_record();
  void* object = mem::object_of(user);
  if (record == nullptr) {  // between the check and now others took the last
    return caches_[cache].kind == CacheKind::classes ? caches_[cache].allocator.free(user)
                                                     : caches_[cache].allocator.cache_free(user);
  }
  record->user = user;
  record->cache = static_cast<std::uint8_t>(cache);
  record->percpu = caches_[cache].kind == CacheKind::percpu;
  record->bytes = bytes;
  if (machine_.slab().mark(object, native::Holder::user) == native::Holder::user) {
    violations_.add(oracle::Kind::handed_out_twice, "alloc gave an object that a user still has", record->number);
  }
  if (!record->percpu && machine_.slab().requested_bytes(object) < bytes + mem::header_bytes) {
    violations_.add(oracle::Kind::wrong_size, "alloc gave an object smaller than asked for", record->number);
    record->bytes = 0;  // nothing beyond it is ours to write
  }
  for_instances(*record, [&](void* memory) { write_stamp(memory, record->bytes, record->number); });
  if (!books_.publish(slot, *record)) give_back(*record, Fate::freed);  // another object came first
}

// Visits the memory that the user may write: the object, or each CPU's instance.
template <class Visit>
void User::for_instances(const Record& record, Visit visit) const {
  if (!record.percpu) return visit(record.user);
  void* instances = *static_cast<void**>(record.user);
  for (unsigned i = 0; i < kernel::nr_cpus(); ++i) visit(kernel::per_cpu_ptr(instances, static_cast<kernel::Cpu>(i)));
}

bool User::free(unsigned slot) { return take_and_free(slot, Fate::freed); }
bool User::free_rcu(unsigned slot) { return take_and_free(slot, Fate::freed_rcu); }

bool User::take_and_free(unsigned slot, Fate fate) {
  Record* record = hold(slot);
  if (record == nullptr) return false;
  const bool taken = books_.take(slot, *record);
  if (taken) give_back(*record, fate);
  let_go(*record);
  return taken;
}

// The object is the caller's alone; its cache is held open.
void User::give_back(Record& record, Fate fate) {
  accuse_unless_intact(record);
  // Before the call: from then on a reader may find the object changed, and asks why.
  record.fate.store(fate, std::memory_order_release);
  machine_.slab().mark(mem::object_of(record.user), native::Holder::allocator);
  mem::MemAlloc& allocator = caches_[record.cache].allocator;
  const bool by_size = caches_[record.cache].kind == CacheKind::classes;
  if (fate == Fate::freed) {
    by_size ? allocator.free(record.user) : allocator.cache_free(record.user);
  } else {
    by_size ? allocator.free_rcu(record.user) : allocator.cache_free_rcu(record.user);
  }
}

bool User::raw_free(unsigned slot) {
  if (Record* record = books_.retired(slot); record != nullptr) {
    if (!books_.may_raw_free(*record) || !books_.take(slot, *record, true)) return false;
    accuse_unless_intact(*record);
    machine_.slab().mark(mem::object_of(record->user), native::Holder::allocator);
    mem::MemAlloc::cache_raw_free(record->user);
    return true;
  }
  Record* record = hold(slot);
  if (record == nullptr) return false;
  // Per-CPU objects have more to them than raw_free gives back, and there is no such call for size classes.
  const bool fixed = caches_[record->cache].kind == CacheKind::fixed;
  const Books::Retire retired = fixed ? books_.retire(slot, *record) : Books::Retire::lost;
  if (retired == Books::Retire::displaced) give_back(*record, Fate::freed);
  let_go(*record);
  return retired != Books::Retire::lost;
}

bool User::verify_as_owner(unsigned slot) {
  Record* record = hold(slot);
  if (record == nullptr) return false;
  const bool taken = books_.take(slot, *record);
  if (taken) {
    accuse_unless_intact(*record);
    if (!books_.publish(slot, *record)) give_back(*record, Fate::freed);  // another object came into the slot
  }
  let_go(*record);
  return taken;
}

void User::accuse_unless_intact(const Record& record) {
  for_instances(record, [&](const void* memory) {
    if (check_stamp(memory, record.bytes, record.number, native::fill::freed) != StampCheck::intact) {
      violations_.add(oracle::Kind::corrupted, "an owner found other bytes in its object", record.number);
    }
  });
}

void User::fail_next(unsigned allocations) { machine_.slab().fail_next(allocations); }

bool User::synchronize(kernel::RcuFlavor flavor) {
  const auto f = static_cast<unsigned>(flavor);
  const std::uint32_t ticket = books_.synchronize_begins(f);
  kernel::synchronize_rcu(flavor);
  books_.synchronize_ended(f, ticket);
  return true;
}

Record* User::hold(unsigned slot) {
  Record* record = books_.published(slot);
  if (record == nullptr || !caches_[record->cache].gate.enter()) return nullptr;
  return record;
}

void User::read(const Record& record, bool regular_reader) {
  for_instances(record, [&](const void* memory) {
    switch (check_stamp(memory, record.bytes, record.number, native::fill::freed)) {
      case StampCheck::intact: break;
      case StampCheck::poisoned:
        violations_.add(oracle::Kind::returned_under_reader, "an object went back to the slab under a reader",
                        record.number);
        break;
      case StampCheck::missing:
        // `free` lets an object be used again at once; only free_rcu keeps it for the older regular readers.
        if (regular_reader && record.fate.load(std::memory_order_acquire) != Fate::freed) {
          violations_.add(oracle::Kind::reused_under_reader, "an object was used again under a regular reader",
                          record.number);
        }
        break;
    }
  });
}

bool User::destroy(unsigned cache) {
  if (cache >= caches_count_ || !caches_[cache].gate.close()) return false;
  wait_until_idle(caches_[cache].gate);
  for (unsigned slot = 0; slot < scenario_.machine.slots; ++slot) {
    for (const bool was_retired : {false, true}) {
      Record* record = was_retired ? books_.retired(slot) : books_.published(slot);
      if (record == nullptr || record->cache != cache || !books_.take(slot, *record, was_retired)) continue;
      give_back(*record, Fate::freed);
    }
  }
  const bool deferred = scenario_.machine.destroy_mode == scenario::DestroyMode::defer;
  mem::MemAlloc& allocator = caches_[cache].allocator;
  if (figures_ != nullptr) figures_->before_destroy(allocator.statistics());
  const auto begin = std::chrono::steady_clock::now();
  allocator.destroy(deferred ? mem::Deferral::allowed : mem::Deferral::never);
  if (figures_ != nullptr) {
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - begin);
    figures_->after_destroy(static_cast<std::uint64_t>(ns.count()));
  }
  return true;
}

void User::destroy_all() {
  for (unsigned i = 0; i < caches_count_; ++i) destroy(i);
}

}  // namespace rcufarm::harness
