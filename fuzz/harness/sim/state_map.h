// Which abstract states the allocators came to: feedback for fuzz engines.
//
// Job: a byte for each state, set when a call of the user's ends in it. One call in a few is looked at: a look costs as much
// as a call. The engine owns and clears the bytes. In a run, any context.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "machine/engine/check.h"
#include "machine/search/random.h"
#include "oracle/user_event.h"

namespace rcufarm::harness {

// The cache's user is still inside it: it cannot be destroyed while somebody asks for its state.
inline bool ends_a_call_of_an_open_cache(const oracle::UserEvent& event) {
  switch (event.kind) {
    case oracle::UserEventKind::alloc_gave:
    case oracle::UserEventKind::alloc_gave_null: return true;
    case oracle::UserEventKind::call_ended: return event.call != oracle::UserCall::raw_free;
    case oracle::UserEventKind::cache_made:
    case oracle::UserEventKind::cache_missing:
    case oracle::UserEventKind::alloc_begins:
    case oracle::UserEventKind::free_begins:
    case oracle::UserEventKind::free_rcu_begins:
    case oracle::UserEventKind::raw_free_begins:
    case oracle::UserEventKind::reference_taken:
    case oracle::UserEventKind::reference_dropped:
    case oracle::UserEventKind::destroy_begins:
    case oracle::UserEventKind::destroy_ended:
    case oracle::UserEventKind::settle_round:
    case oracle::UserEventKind::settled:
    case oracle::UserEventKind::not_recovered:
    case oracle::UserEventKind::content_changed:
    case oracle::UserEventKind::pile_begins:
    case oracle::UserEventKind::piled:
    case oracle::UserEventKind::counted: return false;
  }
  return false;
}

class StateMap {
 public:
  void set(std::uint8_t* map, std::size_t size) {
    sim::check(map == nullptr || std::has_single_bit(size), "the state map's size is a power of two");
    map_ = map;
    mask_ = size - 1;
  }
  void begin_run() { calls_ = 0; }
  // After this call?
  bool wants(const oracle::UserEvent& event) {
    return map_ != nullptr && ends_a_call_of_an_open_cache(event) && calls_++ % looks_one_in == 0;
  }
  // All caches share the states: what one of them came to is nothing new in another.
  void note(std::uint64_t state) { map_[sim::mixed(state) & mask_] = 1; }

 private:
  static constexpr unsigned looks_one_in = 4;

  unsigned calls_ = 0;
  std::uint8_t* map_ = nullptr;
  std::size_t mask_ = 0;
};

}  // namespace rcufarm::harness
