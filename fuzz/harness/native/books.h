// The user's books of a native run: which objects it has, who may read them, and what became of them.
//
// Job: slots through which tasks pass objects, and a record of every object that was handed out. One run owns them. Any
// context, lock-free. They give a freer the happens-before from the allocation (a correct user would), and otherwise
// order nothing.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "scenario/limits.h"

namespace rcufarm::harness {

// What the user did with an object. A reader who finds other bytes than expected asks for it.
enum class Fate : std::uint8_t { live, freed, freed_rcu };

struct Record {
  void* user = nullptr;
  std::uint32_t number = 0;  // from 1; also what is stamped into the object
  std::uint8_t cache = 0;
  bool percpu = false;
  std::uint16_t bytes = 0;  // of the user's, or of each CPU's instance
  std::atomic<Fate> fate{Fate::live};
  // The first raw_free unpublishes an object; it may be freed when a synchronize of either flavour that began after that
  // has returned. Written by whoever took the object.
  std::uint32_t retired_before[2] = {0, 0};
};

class Books {
 public:
  explicit Books(std::size_t records_max) : records_(records_max) {}

  // A record for a new object, or null when the run has handed out as many as it may.
  Record* begin_record() {
    // Relaxed: numbers only have to differ.
    const std::uint32_t index = next_.fetch_add(1, std::memory_order_relaxed);
    if (index >= records_.size()) return nullptr;
    records_[index].number = index + 1;
    return &records_[index];
  }
  bool is_full() const { return next_.load(std::memory_order_relaxed) >= records_.size(); }
  std::uint64_t objects() const {
    const std::uint64_t n = next_.load(std::memory_order_relaxed);
    return n < records_.size() ? n : records_.size();
  }

  // What readers find in a slot: null when it is empty or its object is retired.
  Record* published(unsigned slot) { return decode(slots_[slot].load(std::memory_order_acquire), false); }
  // What a raw_free finds in a slot: null unless its object is retired.
  Record* retired(unsigned slot) { return decode(slots_[slot].load(std::memory_order_acquire), true); }
  bool is_empty(unsigned slot) const { return slots_[slot].load(std::memory_order_relaxed) == 0; }

  // Release: pairs with the acquire of published(): who takes the object sees its record and its bytes.
  bool publish(unsigned slot, Record& record) {
    std::uint32_t empty = 0;
    return slots_[slot].compare_exchange_strong(empty, record.number, std::memory_order_release,
                                                std::memory_order_relaxed);
  }
  // True for the one caller that now owns the object. `was_retired` says in which state it was taken.
  bool take(unsigned slot, Record& record, bool was_retired = false) {
    std::uint32_t expected = record.number | (was_retired ? retired_bit : 0);
    return slots_[slot].compare_exchange_strong(expected, 0, std::memory_order_acq_rel, std::memory_order_relaxed);
  }
  // Unpublishes an object for raw_free. `lost`: somebody else took it. `displaced`: another object came into the slot
  // meanwhile, and this one is the caller's.
  enum class Retire : std::uint8_t { done, lost, displaced };
  Retire retire(unsigned slot, Record& record);
  // Have both flavours been synchronized since the record was retired?
  bool may_raw_free(const Record& record) const;

  // Around a synchronize_rcu of the flavour.
  std::uint32_t synchronize_begins(unsigned flavor) {
    return started_[flavor].fetch_add(1, std::memory_order_acq_rel) + 1;
  }
  void synchronize_ended(unsigned flavor, std::uint32_t ticket);

 private:
  static constexpr std::uint32_t retired_bit = 1U << 31;
  Record* decode(std::uint32_t word, bool want_retired) {
    const bool is_retired = (word & retired_bit) != 0;
    const std::uint32_t number = word & ~retired_bit;
    return number == 0 || is_retired != want_retired ? nullptr : &records_[number - 1];
  }

  std::vector<Record> records_;
  std::atomic<std::uint32_t> next_{0};
  std::atomic<std::uint32_t> slots_[scenario::limits.slots_max] = {};
  std::atomic<std::uint32_t> started_[2] = {};
  std::atomic<std::uint32_t> completed_[2] = {};
};

}  // namespace rcufarm::harness
