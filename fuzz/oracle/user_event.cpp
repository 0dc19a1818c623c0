#include "oracle/user_event.h"

#include <iterator>

namespace rcufarm::oracle {

const char* name_of(UserEventKind kind) {
  switch (kind) {
    case UserEventKind::cache_made: return "cache made";
    case UserEventKind::cache_missing: return "no memory for the cache";
    case UserEventKind::alloc_begins: return "alloc begins";
    case UserEventKind::alloc_gave: return "alloc gave";
    case UserEventKind::alloc_gave_null: return "alloc gave null";
    case UserEventKind::free_begins: return "free begins";
    case UserEventKind::free_rcu_begins: return "free_rcu begins";
    case UserEventKind::raw_free_begins: return "raw_free begins";
    case UserEventKind::call_ended: return "returned";
    case UserEventKind::reference_taken: return "reader holds";
    case UserEventKind::reference_dropped: return "reader drops";
    case UserEventKind::destroy_begins: return "destroy begins";
    case UserEventKind::destroy_ended: return "destroy returned";
    case UserEventKind::settle_round: return "settles";
    case UserEventKind::settled: return "settled";
    case UserEventKind::not_recovered: return "not recovered";
    case UserEventKind::content_changed: return "content changed";
    case UserEventKind::pile_begins: return "pile begins";
    case UserEventKind::piled: return "piled";
    case UserEventKind::counted: return "counted";
  }
  return "";
}

// A table, since each call of a user's asks for one.
const char* name_of(UserCall call) {
  static constexpr const char* names[] = {"",     "init",     "alloc",    "alloc_flags",
                                          "free", "free_rcu", "raw_free", "destroy"};
  static_assert(std::size(names) == static_cast<std::size_t>(UserCall::destroy) + 1);
  return names[static_cast<std::size_t>(call)];
}

}  // namespace rcufarm::oracle
