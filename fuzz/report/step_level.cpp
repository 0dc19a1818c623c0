#include "report/step_level.h"

#include "report/accesses.h"
#include "report/parties.h"

namespace rcufarm::report {

namespace {

using oracle::Kind;
using oracle::UserEventKind;
using sim::EventKind;
using sim::Op;

bool about_readers(Kind kind) { return kind == Kind::reused_under_reader || kind == Kind::returned_under_reader; }

}  // namespace

bool about_locks(Kind kind) {
  return kind == Kind::deadlock || kind == Kind::double_lock || kind == Kind::freed_in_use || kind == Kind::no_end;
}

StepLevels::StepLevels(const Recording& recording, const harness::SimFinding& finding, const Namer& namer)
    : recording_(recording),
      finding_(finding),
      namer_(namer),
      object_(namer.is_caches(finding.object) ? 0 : accused_of(recording, finding).serial) {}

Level StepLevels::of(const Step& s) const {
  if (s.is_user) return user_level(s.user);
  return s.is_access() ? object_level(s) : event_level(s.event);
}

Level StepLevels::object_level(const Step& s) const {
  if (object_ == 0) return Level::never;
  if (!(is_of_accused(s.where) || is_of_accused(s.value) || is_of_accused(s.other)) || s.event.op == Op::llist_empty)
    return Level::never;
  if (s.event.object == object_ && s.event.offset == finding_.offset) return Level::should;
  return is_plain(s) ? Level::may : Level::should;
}

bool StepLevels::is_of_accused(Target target) const {
  const auto& all = recording_.allocations;
  return target.serial != 0 &&
         (target.serial == object_ || (target.serial < all.size() && all[target.serial].around.serial == object_));
}

bool StepLevels::is_accused(std::uint32_t object) const {
  return object != 0 && (object == finding_.object || object == object_);
}

// Is it known that the finding is about another one than this?
bool StepLevels::is_other_allocator(unsigned number) const {
  return namer_.is_caches(finding_.object) && recording_.allocations[finding_.object].allocator != number;
}

Level StepLevels::user_level(const oracle::UserEvent& u) const {
  const bool accused = is_accused(u.object);
  switch (u.kind) {
    case UserEventKind::alloc_gave: return accused ? Level::must : Level::may;
    case UserEventKind::free_begins:
    case UserEventKind::free_rcu_begins:
    case UserEventKind::raw_free_begins: return accused ? Level::must : Level::should;
    case UserEventKind::alloc_gave_null: return finding_.kind == Kind::spurious_null ? Level::must : Level::may;
    case UserEventKind::reference_taken:
    case UserEventKind::reference_dropped: return accused && about_readers(finding_.kind) ? Level::must : Level::detail;
    case UserEventKind::destroy_begins: return is_other_allocator(u.cache) ? Level::detail : Level::must;
    case UserEventKind::destroy_ended: return is_other_allocator(u.cache) ? Level::detail : Level::should;
    case UserEventKind::not_recovered:
    case UserEventKind::content_changed: return Level::must;
    case UserEventKind::counted: return u.value != u.bytes ? Level::must : Level::detail;
    case UserEventKind::settled:
    case UserEventKind::piled: return Level::must;
    case UserEventKind::pile_begins:
    case UserEventKind::settle_round:
      return finding_.kind == Kind::pending_does_not_fall ? Level::should : Level::detail;
    case UserEventKind::cache_made:
    case UserEventKind::cache_missing:
    case UserEventKind::alloc_begins:
    case UserEventKind::call_ended: return Level::never;
  }
  return Level::never;
}

Level StepLevels::event_level(const sim::Event& e) const {
  const bool readers = about_readers(finding_.kind);
  const bool null = finding_.kind == Kind::spurious_null;
  switch (e.kind) {
    case EventKind::violation:
    case EventKind::warn:
    case EventKind::misuse: return Level::must;
    case EventKind::free:
      if (is_accused(e.object)) return Level::must;
      if (!namer_.is_caches(e.object)) return Level::never;
      return is_other_allocator(recording_.allocations[e.object].allocator) ? Level::detail : Level::must;
    case EventKind::alloc: return is_accused(e.object) ? Level::should : Level::never;
    case EventKind::alloc_failed:
    case EventKind::call_rcu:
    case EventKind::barrier_begin:
    case EventKind::barrier_end:
    case EventKind::synchronize_begin:
    case EventKind::synchronize_end:
    case EventKind::work_queued:
    case EventKind::work_begin:
    case EventKind::callback_begin:
    case EventKind::program_begin: return Level::should;
    case EventKind::irq_work_begin: return Level::may;
    case EventKind::section_begin:
    case EventKind::section_end: return readers ? Level::should : Level::may;
    case EventKind::grace_period: return readers ? Level::should : Level::detail;
    case EventKind::irq_work_claimed:
    case EventKind::irq_work_raised: return null ? Level::should : Level::detail;
    case EventKind::irq_off:
    case EventKind::irq_on: return null ? Level::should : Level::never;
    case EventKind::lock:
    case EventKind::unlock: return about_locks(finding_.kind) ? Level::should : Level::detail;
    case EventKind::blocked: return about_locks(finding_.kind) ? Level::should : Level::never;
    case EventKind::program_end:
    case EventKind::callback_end:
    case EventKind::migrate: return Level::detail;
    case EventKind::objcg_get:
    case EventKind::objcg_put:
    case EventKind::program_raised:
    case EventKind::irq_work_end:
    case EventKind::work_end:
    case EventKind::urgent_qs:
    case EventKind::call_begin:
    case EventKind::call_end:
    case EventKind::task_begin:
    case EventKind::task_end:
    case EventKind::context_switch:
    case EventKind::access: return Level::never;
  }
  return Level::never;
}

}  // namespace rcufarm::report
