#include "oracle/user_event.h"

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
    case UserEventKind::counted: return "counted";
  }
  return "";
}

const char* name_of(UserCall call) {
  switch (call) {
    case UserCall::none: return "";
    case UserCall::init: return "init";
    case UserCall::alloc: return "alloc";
    case UserCall::alloc_flags: return "alloc_flags";
    case UserCall::free: return "free";
    case UserCall::free_rcu: return "free_rcu";
    case UserCall::raw_free: return "raw_free";
    case UserCall::destroy: return "destroy";
  }
  return "";
}

}  // namespace rcufarm::oracle
