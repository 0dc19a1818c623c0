#include "harness/sim/sim_user.h"

#include <algorithm>

#include "kernel/kernel.h"

namespace rcufarm::harness {

using oracle::UserCall;
using oracle::UserEvent;
using oracle::UserEventKind;
using scenario::CacheKind;

SimUser::SimUser(const SimAllocator& allocator, sim::Machine& machine, UserSink& sink)
    : allocator_(allocator), machine_(machine), sink_(sink) {}

void SimUser::begin(const scenario::Scenario& scenario) {
  scenario_ = &scenario;
  if (allocator_.begin_run != nullptr) allocator_.begin_run();
  fail_next_ = slab_calls_ = 0;
  operation_.fill(oracle::no_operation);
  calls_begun_.fill(0);
  open_sections_.fill(0);
  caches_count_ = static_cast<unsigned>(scenario.caches.size());
  const UserSpace* user_space = allocator_.user_space;
  parts_.begin_run();
  if (user_space != nullptr) caches_count_ = std::min(caches_count_, 1U);
  for (unsigned i = 0; i < caches_count_; ++i) {
    Cache& cache = caches_[i];
    cache.gate.reset();
    cache.kind = scenario.caches[i].kind;
    cache.size = scenario.caches[i].size;
    if (user_space != nullptr) cache.size = static_cast<std::uint16_t>(user_space->size_of(cache.size));
    cache.tally = Tally{};
    cache.there = cache.destroyed = cache.drops = false;
  }
}

bool SimUser::slab_fails(std::uint32_t nth) {
  slab_calls_ = nth + 1;
  if (fail_next_ > 0) {
    --fail_next_;
    return true;
  }
  const scenario::SlabFailures& plan = scenario_->machine.slab_failures;
  return nth >= plan.after && nth - plan.after < scenario::limits.fail_bits &&
         (plan.bits >> (nth - plan.after) & 1U) != 0;
}

UserEvent SimUser::event(UserEventKind kind, UserCall call, unsigned cache) const {
  UserEvent u;
  u.kind = kind;
  u.call = call;
  u.context = machine_.context();
  u.cpu = machine_.cpu();
  u.cache = static_cast<std::uint8_t>(cache);
  u.operation = operation_[sim::index_of(u.context)];
  u.step = machine_.step();
  return u;
}

void SimUser::begin_call(UserCall call) {
  ++calls_begun_[sim::index_of(machine_.context())];
  machine_.begin_call(static_cast<std::uint64_t>(call));
}

void SimUser::set_operation(std::size_t index) {
  operation_[sim::index_of(machine_.context())] = static_cast<std::uint16_t>(index);
}

void SimUser::init_caches() {
  books_.begin(machine_.host_memory(SimBooks::words_bytes));
  for (unsigned i = 0; i < caches_count_; ++i) {
    instances_[i] = machine_.host_memory(allocator_.bytes);
    allocator_.construct(instance(i));
    caches_[i].there = allocator_.init(instance(i), caches_[i].size, caches_[i].kind == CacheKind::percpu);
    // Out of memory on demand is no mistake of the allocator's: its cache is just not there.
    UserEvent u = event(caches_[i].there ? UserEventKind::cache_made : UserEventKind::cache_missing, UserCall::init, i);
    u.bytes = caches_[i].size;
    u.can_be_had = caches_[i].kind != CacheKind::percpu || allocator_.percpu;
    u.value = allocator_.charges && scenario_->machine.cgroup.unit != scenario::CgroupUnit::none ? 1 : 0;
    sink_.on_user(u);
  }
  thread_begins();
}

bool SimUser::alloc(const scenario::Operation& op, bool interrupts_on) {
  if (op.cache >= caches_count_) return false;
  const bool by_size = caches_[op.cache].kind == CacheKind::classes;
  const std::size_t wanted = by_size ? op.size : caches_[op.cache].size;
  const UserSpace* user_space = allocator_.user_space;
  const std::size_t bytes = user_space != nullptr ? user_space->size_of(wanted) : wanted;
  return alloc_into(op.slot, {.cache = op.cache,
                              .bytes = static_cast<std::uint16_t>(bytes),
                              .flags = false,
                              .gfp = kernel::Gfp::nowait,
                              .interrupts_on = interrupts_on});
}

bool SimUser::alloc_into(unsigned slot, const Request& request) {
  if (!books_.is_empty(slot) || books_.is_full() || !enter(request.cache)) return false;
  if (SimRecord* record = call_alloc(request); record != nullptr) {
    record->is_shown = is_for_readers(slot);
    if (!books_.publish(slot, *record)) give_back(*record, UserCall::free);  // another object came first
  }
  leave(request.cache);
  return true;
}

void* SimUser::call_allocator(const Request& request) {
  void* allocator = instance(request.cache);
  if (caches_[request.cache].kind == CacheKind::classes) return allocator_.alloc(allocator, request.bytes);
  return request.flags ? allocator_.cache_alloc_flags(allocator, request.gfp) : allocator_.cache_alloc(allocator);
}

// The call, with the reports around it.
SimRecord* SimUser::call_alloc(const Request& request) {
  const UserCall call = request.flags ? UserCall::alloc_flags : UserCall::alloc;
  begin_call(call);
  UserEvent u = event(UserEventKind::alloc_begins, call, request.cache);
  // Of a per-CPU object the user gets a pointer to the instances, and that is what has to fit.
  u.bytes = caches_[request.cache].kind == CacheKind::percpu ? sizeof(void*) : request.bytes;
  u.interrupts_on = request.interrupts_on;
  u.can_be_had =
      caches_[request.cache].kind != CacheKind::classes || (request.bytes > 0 && request.bytes <= allocator_.size_max);
  sink_.on_user(u);
  void* user = call_allocator(request);
  u.step = machine_.step();
  u.kind = user != nullptr ? UserEventKind::alloc_gave : UserEventKind::alloc_gave_null;
  if (user != nullptr) {
    describe_object(u, user, request);
    ++caches_[request.cache].tally.allocs;
  } else if (u.can_be_had) {
    ++caches_[request.cache].tally.nulls;
    if (sim::kind_of(machine_.context()) == sim::ContextKind::program) ++caches_[request.cache].tally.nulls_nested;
  }
  sink_.on_user(u);
  machine_.end_call();
  return user == nullptr ? nullptr : &note_hand_out(user, u.object, request.cache, request.bytes);
}

void SimUser::describe_object(UserEvent& u, void* user, const Request& request) {
  if (allocator_.user_space != nullptr) {
    const Parts::Given given = parts_.give(machine_, user, request.bytes);
    u.object = given.serial;
    u.is_new_part = given.is_new;
    u.around = given.around;
    // As a size of its own, unless there is no room for it.
    u.slab_bytes = std::min<std::uint64_t>(request.bytes, given.room);
    return;
  }
  const sim::ObjectInfo object = machine_.object_at(user);
  u.object = object.serial;
  u.slab_bytes = object.bytes;
  u.user_offset = allocator_.header_bytes;
  if (caches_[request.cache].kind == CacheKind::percpu) {
    u.instances = instances_of(user);
    u.instance_asked = request.bytes;
    u.instance_bytes = u.instances == 0 ? 0 : machine_.object(u.instances - 1).bytes;
  }
}

SimRecord& SimUser::note_hand_out(void* user, std::uint32_t object, unsigned cache, std::size_t bytes) {
  SimRecord& record = books_.new_record(user, object, static_cast<std::uint8_t>(cache));
  write_content(record, bytes);
  return record;
}

bool SimUser::has_call(UserCall call, unsigned cache) const {
  if (call != UserCall::free_rcu) return true;
  const bool by_size = caches_[cache].kind == CacheKind::classes;
  return (by_size ? allocator_.free_rcu : allocator_.cache_free_rcu) != nullptr;
}

bool SimUser::take_and_free(unsigned slot, UserCall call) {
  const SimRecord* record = books_.published(slot);
  if (record == nullptr || !has_call(call, record->cache)) return false;
  if (caches_[record->cache].drops) return take_and_drop(slot, *record);
  if (reader_may_have(*record)) call = UserCall::free_rcu;
  // A reader may not wait for itself.
  if (call == UserCall::free_rcu && is_in_section() && !allocator_.user_space->defers_in_sections) return false;
  if (!enter(record->cache)) return false;
  const bool taken = books_.take(slot, *record);
  if (taken) give_back(*record, call);
  leave(record->cache);
  return taken;
}

// The object is the caller's alone; its cache is held open.
void SimUser::give_back(const SimRecord& record, UserCall call) {
  check_as_owner(record);
  books_.own(record).given = call == UserCall::free ? SimRecord::Given::at_once : SimRecord::Given::deferred;
  begin_call(call);
  UserEvent u =
      event(call == UserCall::free ? UserEventKind::free_begins : UserEventKind::free_rcu_begins, call, record.cache);
  u.object = record.object;
  sink_.on_user(u);
  parts_.take_back(record.object);
  call_free(record, call);
  Tally& tally = caches_[record.cache].tally;
  ++(call == UserCall::free ? tally.frees : tally.frees_rcu);
  u.step = machine_.step();
  u.kind = UserEventKind::call_ended;
  sink_.on_user(u);
  machine_.end_call();
}

void SimUser::call_free(const SimRecord& record, UserCall call) {
  void* allocator = instance(record.cache);
  if (caches_[record.cache].kind == CacheKind::classes) {
    call == UserCall::free ? allocator_.free(allocator, record.user) : allocator_.free_rcu(allocator, record.user);
  } else {
    call == UserCall::free ? allocator_.cache_free(allocator, record.user)
                           : allocator_.cache_free_rcu(allocator, record.user);
  }
}

// The object goes past the allocator's lists.
void SimUser::give_up(const SimRecord& record) {
  begin_call(UserCall::raw_free);
  UserEvent u = event(UserEventKind::raw_free_begins, UserCall::raw_free, record.cache);
  u.object = record.object;
  sink_.on_user(u);
  caches_[record.cache].drops ? allocator_.drop(instance(record.cache), record.user) : allocator_.raw_free(record.user);
  u.step = machine_.step();
  u.kind = UserEventKind::call_ended;
  sink_.on_user(u);
  machine_.end_call();
}

bool SimUser::take_and_drop(unsigned slot, const SimRecord& record) {
  if (!books_.take(slot, record)) return false;
  check_as_owner(record);
  give_up(record);
  return true;
}

bool SimUser::verify_as_owner(unsigned slot) {
  const SimRecord* record = books_.published(slot);
  if (record == nullptr || !enter(record->cache)) return false;
  const bool taken = books_.take(slot, *record);
  if (taken) {
    touch(*record, false);
    // If another object came into the slot meanwhile, this one is nobody's.
    if (!books_.publish(slot, *record))
      give_back(*record, reader_may_have(*record) ? UserCall::free_rcu : UserCall::free);
  }
  leave(record->cache);
  return taken;
}

SimRecord* SimUser::hold(unsigned slot) {
  if (books_.published(slot) == nullptr || allocator_.readers == oracle::Readers::none) return nullptr;
  if (allocator_.user_space != nullptr && !is_for_readers(slot)) return nullptr;
  SimRecord* record = books_.look(slot);
  return record != nullptr && enter(record->cache) ? record : nullptr;
}

void SimUser::touch(const SimRecord& record, bool is_protected) {
  if (caches_[record.cache].kind != CacheKind::percpu) {
    machine_.touch(record.user, false);
    const bool stays =
        record.given == SimRecord::Given::no || (record.given == SimRecord::Given::deferred && is_protected);
    const bool has_links = allocator_.user_space != nullptr && record.given != SimRecord::Given::no;
    if (stays) check_content(record, has_links ? allocator_.user_space->link_bytes : 0);
    return;
  }
  void* instances = static_cast<const kernel::Plain<void*>*>(record.user)->get();
  machine_.touch(kernel::per_cpu_ptr(instances, kernel::smp_processor_id()), false);
}

void SimUser::report_reference(const SimRecord& record, bool taken) {
  UserEvent u =
      event(taken ? UserEventKind::reference_taken : UserEventKind::reference_dropped, UserCall::none, record.cache);
  u.object = record.object;
  sink_.on_user(u);
}

void SimUser::leave(unsigned cache) {
  machine_.publish();  // of slots, too: who waits until all have left sees what they put there
  if (caches_[cache].gate.leave()) machine_.notify();
}

// Closed to operations that come later; those in progress, sections with references and raised programs are waited for.
void SimUser::wait_until_idle(unsigned cache) {
  machine_.quiesce_programs();
  SimGate& gate = caches_[cache].gate;
  if (!gate.is_idle()) {
    machine_.wait([](void* g) { return static_cast<const SimGate*>(g)->is_idle(); }, &gate);
  }
  // A user who knows that the others have left is ordered after them.
  machine_.join_all();
  // Who destroys a kernel's allocator has waited for a grace period, so that a callback that frees inline comes after its readers.
  if (!allocator_.orders_by_cpp) machine_.order_all();
}

void SimUser::empty_slots_of(unsigned cache, unsigned every) {
  for (unsigned slot = 0; slot < scenario_->machine.slots; slot += every) {
    for (const bool was_retired : {false, true}) {
      const SimRecord* record = was_retired ? books_.retired(slot) : books_.published(slot);
      if (record == nullptr || record->cache != cache) continue;
      if (caches_[cache].drops) {
        take_and_drop(slot, *record);
      } else if (books_.take(slot, *record, was_retired)) {
        give_back(*record, UserCall::free);
      }
    }
  }
}

bool SimUser::destroy(unsigned cache) {
  if (cache >= caches_count_ || !caches_[cache].there || !caches_[cache].gate.close()) return false;
  wait_until_idle(cache);
  // Where objects may be left, every second slot's are: whoever comes to one drops it.
  empty_slots_of(cache, allocator_.drop != nullptr ? 2 : 1);
  caches_[cache].drops = allocator_.drop != nullptr;
  thread_ends();
  caches_[cache].destroyed = true;
  begin_call(UserCall::destroy);
  UserEvent u = event(UserEventKind::destroy_begins, UserCall::destroy, cache);
  sink_.on_user(u);
  allocator_.destroy(instance(cache), scenario_->machine.destroy_mode == scenario::DestroyMode::defer);
  u.step = machine_.step();
  u.kind = UserEventKind::destroy_ended;
  sink_.on_user(u);
  machine_.end_call();
  return true;
}

void SimUser::destroy_all() {
  for (unsigned i = 0; i < caches_count_; ++i) destroy(i);
  for (unsigned i = 0; i < caches_count_; ++i) {
    if (caches_[i].drops) empty_slots_of(i);
  }
  // Once more, also where nothing was made: a call that has nothing to do.
  for (unsigned i = 0; i < caches_count_; ++i) allocator_.destroy(instance(i), false);
}

}  // namespace rcufarm::harness
