// The part of the user that acts alone: probing, counting and reporting, for quiet.h, settle.h and inspect.h.
#include <algorithm>

#include "harness/sim/sim_user.h"
#include "kernel/kernel.h"

namespace rcufarm::harness {

using oracle::UserCall;
using oracle::UserEvent;
using oracle::UserEventKind;
using scenario::CacheKind;

SimUser::Request SimUser::plain_request(unsigned cache, std::size_t size, bool interrupts_on) const {
  const bool by_size = caches_[cache].kind == CacheKind::classes;
  return {.cache = static_cast<std::uint8_t>(cache),
          .bytes = by_size ? static_cast<std::uint16_t>(size) : caches_[cache].size,
          .flags = false,
          .gfp = kernel::Gfp::nowait,
          .interrupts_on = interrupts_on};
}

void SimUser::probe(unsigned cache, std::size_t size) {
  if (!is_open(cache)) return;
  for (const UserCall call : {UserCall::free, UserCall::free_rcu}) {
    if (books_.is_full()) return;
    if (!has_call(call, cache)) continue;
    if (const SimRecord* record = call_alloc(plain_request(cache, size)); record != nullptr) give_back(*record, call);
  }
}

bool SimUser::defer(unsigned cache) {
  if (books_.is_full()) return false;
  const SimRecord* record = call_alloc(plain_request(cache, 0));
  if (record == nullptr) return false;
  give_back(*record, UserCall::free_rcu);
  return true;
}

void SimUser::report_pile_begins(unsigned cache) {
  sink_.on_user(event(UserEventKind::pile_begins, UserCall::none, cache));
}

void SimUser::report_piled(unsigned cache, std::size_t bytes, std::size_t unhurried) {
  UserEvent u = event(UserEventKind::piled, UserCall::free_rcu, cache);
  u.bytes = bytes;
  u.value = unhurried;
  sink_.on_user(u);
}

bool SimUser::memory_is_back() const {
  const scenario::Machine& machine = scenario_->machine;
  const bool plan_is_over =
      machine.slab_failures.bits == 0 || slab_calls_ >= machine.slab_failures.after + scenario::limits.fail_bits;
  return fail_next_ == 0 && plan_is_over;
}

bool SimUser::can_alloc(unsigned cache, std::size_t size) {
  if (books_.is_full()) return true;
  const bool by_size = caches_[cache].kind == CacheKind::classes;
  if (by_size && (size == 0 || size > allocator_.size_max)) return true;
  const SimRecord* record = call_alloc(plain_request(cache, size));
  if (record == nullptr) return false;
  give_back(*record, UserCall::free);
  return true;
}

void SimUser::report_not_recovered(unsigned cache) {
  sink_.on_user(event(UserEventKind::not_recovered, UserCall::alloc, cache));
}

void SimUser::pass(unsigned cache, std::size_t size, unsigned from_cpu, unsigned to_cpu) {
  if (books_.is_full()) return;
  machine_.migrate(from_cpu);
  const SimRecord* record = call_alloc(plain_request(cache, size));
  if (record == nullptr) return;
  machine_.migrate(to_cpu);
  give_back(*record, UserCall::free);
}

void SimUser::report_flow(std::uint64_t passed) {
  UserEvent u = event(UserEventKind::settle_round, UserCall::none, 0);
  u.value = passed;
  sink_.on_user(u);
}

void SimUser::report_settle_round() { sink_.on_user(event(UserEventKind::settle_round, UserCall::none, 0)); }

bool SimUser::any_destroyed() const {
  return std::any_of(caches_.begin(), caches_.begin() + caches_count_, [](const Cache& c) { return c.destroyed; });
}

bool SimUser::all_slab_objects_are_counted() const {
  return std::all_of(caches_.begin(), caches_.begin() + caches_count_,
                     [](const Cache& c) { return c.there && !c.destroyed && c.kind != CacheKind::percpu; });
}

SimAccounts SimUser::accounts() const {
  if (allocator_.accounts == nullptr) return {};
  constexpr std::int64_t SimAccounts::*numbers[] = {&SimAccounts::objects,       &SimAccounts::ready,
                                                    &SimAccounts::pending,       &SimAccounts::stranded,
                                                    &SimAccounts::unraised,      &SimAccounts::allocs,
                                                    &SimAccounts::frees,         &SimAccounts::frees_rcu,
                                                    &SimAccounts::nulls,         &SimAccounts::nulls_nested,
                                                    &SimAccounts::nulls_of_slab, &SimAccounts::nulls_of_cgroup,
                                                    &SimAccounts::in_flight,     &SimAccounts::from_slab,
                                                    &SimAccounts::grace_regular, &SimAccounts::grace_tasks_trace};
  SimAccounts sum;
  for (unsigned i = 0; i < caches_count_; ++i) {
    if (!is_open(i)) continue;
    const SimAccounts one = allocator_.accounts(instance(i));
    for (const auto number : numbers) {
      if (one.*number != not_told) sum.*number = one.*number + (sum.*number == not_told ? 0 : sum.*number);
    }
  }
  return sum;
}

SimUser::Tally SimUser::tally() const {
  Tally sum;
  for (unsigned i = 0; i < caches_count_; ++i) {
    if (!is_open(i)) continue;
    sum.allocs += caches_[i].tally.allocs;
    sum.nulls += caches_[i].tally.nulls;
    sum.nulls_nested += caches_[i].tally.nulls_nested;
    sum.frees += caches_[i].tally.frees;
    sum.frees_rcu += caches_[i].tally.frees_rcu;
  }
  return sum;
}

std::int64_t SimUser::ready(unsigned cache, std::size_t size) const {
  return allocator_.ready != nullptr && is_open(cache) ? allocator_.ready(instance(cache), size) : not_told;
}

std::uint64_t SimUser::objects_of_allocators() const {
  std::uint64_t objects = 0;
  for (std::size_t i = 0; i < machine_.object_count(); ++i) {
    const sim::ObjectInfo object = machine_.object(i);
    if (object.alive && object.kind == sim::ObjectInfo::Kind::slab) ++objects;
  }
  return objects - books_.held();
}

std::uint64_t SimUser::take_and_put_back(unsigned cache, std::size_t size) {
  if (!is_open(cache)) return 0;
  const kernel::IrqGuard irq_off;
  in_hand_.clear();
  while (!books_.is_full()) {
    const SimRecord* record = call_alloc(plain_request(cache, size, false));
    if (record == nullptr) break;
    in_hand_.push_back(record);
  }
  for (const SimRecord* record : in_hand_) give_back(*record, UserCall::free);
  return in_hand_.size();
}

void SimUser::free_nothing(unsigned cache) {
  if (!is_open(cache)) return;
  const bool by_size = caches_[cache].kind == CacheKind::classes;
  (by_size ? allocator_.free : allocator_.cache_free)(instance(cache), nullptr);
  if (has_call(UserCall::free_rcu, cache)) {
    (by_size ? allocator_.free_rcu : allocator_.cache_free_rcu)(instance(cache), nullptr);
  }
  if (allocator_.raw_free != nullptr) allocator_.raw_free(nullptr);
}

void SimUser::report_count(const char* what, std::int64_t said, std::uint64_t known) {
  UserEvent u = event(UserEventKind::counted, UserCall::none, 0);
  u.text = what;
  u.value = static_cast<std::uint64_t>(said);
  u.bytes = known;
  sink_.on_user(u);
}

void SimUser::report_settled(std::int64_t pending, std::int64_t allowed) {
  UserEvent u = event(UserEventKind::settled, UserCall::none, 0);
  u.value = static_cast<std::uint64_t>(pending);
  u.bytes = static_cast<std::uint64_t>(allowed);
  sink_.on_user(u);
}

}  // namespace rcufarm::harness
