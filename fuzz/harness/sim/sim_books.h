// The user's books of a simulated run: which objects it has, where they are, and who holds a cache open.
//
// Job: decide what is legal now, without scheduling points, and pass objects between tasks through slots as a correct
// user does: an atomic word each, published with release and taken with acquire, which is the only edge. One run owns
// it; the machine is one thread, so the books themselves are plain. In a run, any context.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "kernel/kernel.h"
#include "scenario/limits.h"

namespace rcufarm::harness {

// An object that was handed out.
struct SimRecord {
  void* user = nullptr;
  std::uint32_t number = 0;  // from 1
  std::uint32_t object = 0;  // the machine's serial number
  std::uint8_t cache = 0;
  // How its user gave it back.
  enum class Given : std::uint8_t { no, at_once, deferred };
  Given given = Given::no;
  bool is_shown = false;            // to readers of user space
  std::uint32_t content_bytes = 0;  // of the user's, that have memory; 0: they are the allocator's to use
  // The first raw_free unpublishes an object; it may be freed when a synchronize of either flavour that began after that
  // has returned.
  std::uint32_t retired_before[kernel::rcu_flavor_count] = {};
};

inline constexpr std::size_t records_max = std::size_t{1}
                                           << 14U;  // objects handed out in one run; then alloc is skipped

class SimBooks {
 public:
  SimBooks() { records_.reserve(records_max); }

  // In the prologue. `memory` is words_bytes bytes of the machine's host memory.
  static constexpr std::size_t words_bytes =
      (scenario::limits.slots_max + kernel::rcu_flavor_count) * sizeof(kernel::Atomic<std::uint32_t>);
  void begin(void* memory);

  bool is_full() const { return records_.size() == records_max; }
  std::uint64_t objects() const { return records_.size(); }
  // Objects in slots, retired ones included.
  std::uint64_t held() const {
    return static_cast<std::uint64_t>(
        std::count_if(shown_.begin(), shown_.end(), [](std::uint32_t w) { return w != 0; }));
  }
  SimRecord& new_record(void* user, std::uint32_t object, std::uint8_t cache) {
    records_.push_back(
        {.user = user, .number = static_cast<std::uint32_t>(records_.size() + 1), .object = object, .cache = cache});
    return records_.back();
  }

  SimRecord& own(const SimRecord& record) { return records_[record.number - 1]; }

  // No point: what a look at the slot would show.
  bool is_empty(unsigned slot) const { return shown_[slot] == 0; }
  SimRecord* published(unsigned slot) { return decode(shown_[slot], false); }
  SimRecord* retired(unsigned slot) { return decode(shown_[slot], true); }

  // A point each. False: somebody else was there first.
  bool publish(unsigned slot, const SimRecord& record) {
    return change(slot, 0, record.number, kernel::Order::release);
  }
  bool take(unsigned slot, const SimRecord& record, bool was_retired = false) {
    return change(slot, record.number | (was_retired ? retired_bit : 0), 0, kernel::Order::acquire);
  }
  // A reader's look: the object, ordered after its publication; null if it has gone meanwhile.
  SimRecord* look(unsigned slot);

  // Unpublishes an object for raw_free. `lost`: somebody else took it. `displaced`: another object came into the slot
  // meanwhile, and this one is the caller's.
  enum class Retire : std::uint8_t { done, lost, displaced };
  Retire retire(unsigned slot, SimRecord& record);
  // Have both flavours been synchronized since? A point for each that has. The caller is ordered after them.
  bool may_raw_free(const SimRecord& record);
  // Around a synchronize_rcu of the flavour.
  std::uint32_t synchronize_begins(kernel::RcuFlavor flavor) { return ++started_[static_cast<unsigned>(flavor)]; }
  void synchronize_ended(kernel::RcuFlavor flavor, std::uint32_t ticket);

 private:
  static constexpr std::uint32_t retired_bit = 1U << 31U;
  using Words = kernel::Atomic<std::uint32_t>;

  SimRecord* decode(std::uint32_t word, bool want_retired) {
    const std::uint32_t number = word & ~retired_bit;
    return number == 0 || ((word & retired_bit) != 0) != want_retired ? nullptr : &records_[number - 1];
  }
  bool change(unsigned slot, std::uint32_t from, std::uint32_t to, kernel::Order order) {
    if (!slots_[slot].compare_exchange(from, to, order)) return false;
    shown_[slot] = to;
    return true;
  }

  std::vector<SimRecord> records_;
  Words* slots_ = nullptr;
  Words* completed_words_ = nullptr;
  std::array<std::uint32_t, scenario::limits.slots_max> shown_{};
  std::array<std::uint32_t, kernel::rcu_flavor_count> started_{};
  std::array<std::uint32_t, kernel::rcu_flavor_count> completed_{};
};

// A cache's gate: destroy begins when the last user has left.
class SimGate {
 public:
  void reset() { users_ = 0, closed_ = false; }
  bool enter() {
    if (closed_) return false;
    ++users_;
    return true;
  }
  // True: the one who closed it may go on.
  bool leave() { return --users_ == 0 && closed_; }
  // True for the one caller that is to destroy.
  bool close() {
    const bool first = !closed_;
    closed_ = true;
    return first;
  }
  bool is_idle() const { return users_ == 0; }

 private:
  std::uint32_t users_ = 0;
  bool closed_ = false;
};

}  // namespace rcufarm::harness
