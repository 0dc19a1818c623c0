#include "oracle/from_violation.h"

#include <cstring>
#include <utility>

namespace rcufarm::oracle {
namespace {

using sim::ViolationKind;

bool is_cache_memory(ObjectBooks& objects, std::uint32_t serial) {
  const ObjectState* object = objects.find(serial);
  return object != nullptr && std::strcmp(object->what, "per-CPU caches") == 0;
}

bool is_callback(const sim::Party& party) { return sim::kind_of(party.context) == sim::ContextKind::callback; }

// A cache is freed: is it a callback that still needs it?
bool callback_needs_it(const sim::Violation& v, ObjectBooks& objects) {
  if (!is_cache_memory(objects, v.object)) return false;
  return v.kind == ViolationKind::use_after_free ? is_callback(v.second) : is_callback(v.first);
}

Kind kind_of(const sim::Violation& v, ObjectBooks& objects, const Sections& sections) {
  switch (v.kind) {
    case ViolationKind::use_after_free:
      return callback_needs_it(v, objects) ? Kind::callback_on_freed_cache : Kind::use_after_free;
    case ViolationKind::out_of_bounds: return v.second.op == sim::Op::touch ? Kind::wrong_size : Kind::corrupted_list;
    case ViolationKind::double_free: return Kind::freed_twice;
    case ViolationKind::bad_free: return Kind::bad_free;
    case ViolationKind::data_race: return Kind::data_race;
    case ViolationKind::unordered_free:
      // A user's look that is not ordered before the free, by somebody who may look again: the section of that look is open still.
      return v.first.op == sim::Op::touch && sections.is_inside_since(v.first) ? Kind::returned_under_reader
                                                                               : Kind::freed_without_happens_before;
    case ViolationKind::freed_while_queued:
      return v.first.op == sim::Op::call_rcu ? Kind::callback_on_freed_cache : Kind::freed_in_use;
    case ViolationKind::freed_while_locked:
      return callback_needs_it(v, objects) ? Kind::callback_on_freed_cache : Kind::freed_in_use;
    case ViolationKind::broken_batch: return Kind::corrupted_list;
    case ViolationKind::queued_twice: return Kind::queued_twice;
    case ViolationKind::illegal_context: return Kind::illegal_context;
    case ViolationKind::double_lock: return Kind::double_lock;
    case ViolationKind::unbalanced: return Kind::unbalanced;
    case ViolationKind::deadlock: return Kind::deadlock;
    case ViolationKind::host: return v.host_code == stall_code ? Kind::no_end : Kind::crash;
    case ViolationKind::none: return Kind::none;
  }
  return Kind::none;
}

struct RoleNames {
  const char* first;
  const char* second;
};

RoleNames roles_of(const sim::Violation& v) {
  switch (v.kind) {
    case ViolationKind::use_after_free: return {"freed", "accessed"};
    case ViolationKind::out_of_bounds: return {"allocated", "accessed"};
    case ViolationKind::double_free: return {"freed", "freed again"};
    case ViolationKind::bad_free: return {"allocated", "freed"};
    case ViolationKind::data_race: return {"accessed", "accessed"};
    case ViolationKind::unordered_free: return {"accessed", "freed"};
    case ViolationKind::freed_while_queued: return {"queued", "freed"};
    case ViolationKind::freed_while_locked: return {"locked", "freed"};
    case ViolationKind::broken_batch: return {"", "added"};
    case ViolationKind::queued_twice: return {"queued", "queued again"};
    case ViolationKind::illegal_context: return {"", "called"};
    case ViolationKind::double_lock: return {"locked", "locked again"};
    case ViolationKind::unbalanced: return {"", "ended"};
    case ViolationKind::deadlock: return {"", "waits"};
    case ViolationKind::host: return {"", v.host_code == stall_code ? "still ran" : "faulted"};
    case ViolationKind::none: return {"", ""};
  }
  return {"", ""};
}

// What is on either side of an unordered pair depends on the order that the run took, not on the mistake.
void sort_names(Accusation& a) {
  if (std::strcmp(a.names[0], a.names[1]) > 0) std::swap(a.names[0], a.names[1]);
  if (std::strcmp(a.names[0], a.names[1]) == 0) a.names[1] = "";
}

void name(Accusation& a, const sim::Violation& v, ObjectBooks& objects) {
  const char* first = v.first.site.function;
  const char* second = v.second.site.function;
  switch (a.kind) {
    case Kind::callback_on_freed_cache:
      // Which callback it was, whether it waited or ran, and where in it the access stood, is the schedule's business.
      a.names[0] = v.kind == ViolationKind::use_after_free ? first : second;
      return;
    case Kind::freed_without_happens_before:
      a.names[0] = second;
      a.names[1] = callback_needs_it(v, objects) ? "a callback" : first;
      return;
    case Kind::data_race:
      a.names[0] = first;
      a.names[1] = second;
      return sort_names(a);
    case Kind::illegal_context:
      a.names[0] = second;
      a.names[1] = sim::name_of(v.second.op);
      return;
    case Kind::corrupted_list:
      // A cache beside its array is one mistake, whichever call is the first to touch it.
      a.names[0] = is_cache_memory(objects, v.object) ? "per-CPU caches" : second;
      // Nothing was ever written there, which is another mistake than a list of which somebody has the wrong end.
      if (v.kind == ViolationKind::out_of_bounds && sim::is_near_null(v.address)) a.names[1] = sim::null_pointer_text;
      return;
    case Kind::deadlock:
    case Kind::unbalanced:
    case Kind::bad_free:
    case Kind::wrong_size:
    case Kind::returned_under_reader:
    case Kind::double_lock:
    case Kind::crash: a.names[0] = second; return;
    case Kind::none:
    case Kind::leak:
    case Kind::handed_out_twice:
    case Kind::freed_under_user:
    case Kind::freed_twice:
    case Kind::reused_under_reader:
    case Kind::wrong_list:
    case Kind::pending_does_not_fall:
    case Kind::memory_grows:
    case Kind::spurious_null:
    case Kind::not_charged:
    case Kind::wrong_count:
    case Kind::use_after_free:
    case Kind::freed_in_use:
    case Kind::queued_twice:
    case Kind::warning:
    case Kind::misuse_report:
    case Kind::no_end:
    case Kind::corrupted:
    case Kind::slab_misuse:
    case Kind::kernel_misuse:
    case Kind::no_progress:
    case Kind::asan:
    case Kind::tsan:
    case Kind::ubsan:
    case Kind::hang:
    case Kind::nondeterminism:
      a.names[0] = first;
      a.names[1] = second;
      return;
  }
}

}  // namespace

Accusation from_violation(const sim::Violation& violation, ObjectBooks& objects, const Sections& sections) {
  Accusation a{.kind = kind_of(violation, objects, sections),
               .object = violation.object,
               .offset = violation.offset,
               .text = violation.text};
  const RoleNames roles = roles_of(violation);
  const bool has_first = violation.first.site.function[0] != '\0';
  if (has_first) a.roles[0] = {roles.first, violation.first};
  a.roles[has_first ? 1 : 0] = {roles.second, violation.second};
  name(a, violation, objects);
  return a;
}

}  // namespace rcufarm::oracle
