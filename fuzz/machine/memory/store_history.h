// The stores of a run.
//
// Job: give each store a number, keep the newest stores_kept of them with what a load may want to know. A load reads the
// newest store of its word. Weak memory would choose among older ones: they are linked by `previous`. Owned by the core.
#pragma once

#include <array>
#include <cstdint>

#include "machine/engine/clocks.h"
#include "machine/engine/context_id.h"
#include "machine/engine/limits.h"
#include "machine/engine/sites.h"

namespace rcufarm::sim {

struct Store {
  std::uint64_t value = 0;
  std::uint32_t number = 0;    // from 1, in the order in which they were made
  std::uint32_t previous = 0;  // the store to the same word before it; 0: none
  std::uint32_t word = 0;      // the word's number in this run
  Epoch epoch = 0;
  SiteNumber site = 0;
  ContextId context = idle_context;
};

class StoreHistory {
 public:
  void reset() { count_ = 0; }
  Store& add() {
    const std::uint32_t number = ++count_;
    Store& store = stores_[number % stores_kept];
    store.number = number;
    return store;
  }
  // Null: none, or forgotten.
  const Store* find(std::uint32_t number) const {
    const Store& store = stores_[number % stores_kept];
    return number != 0 && number <= count_ && store.number == number ? &store : nullptr;
  }

 private:
  std::array<Store, stores_kept> stores_{};
  std::uint32_t count_ = 0;
};

}  // namespace rcufarm::sim
