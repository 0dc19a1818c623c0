// The machine's memory: an arena of slots, the objects in it, and a shadow for each word.
//
// Job: hand out and take back memory as the settings say, know at any moment which object an address is in and whether
// it is alive, and keep the shadow that access.cpp works on. No scheduling points and no violations here: those are the
// core's. A slot backs the first object_bytes_backed bytes of a slab object; caches take as many slots as they need.
// Nothing is cleared between runs but the table of slots that were used: each allocation has a *life*, a number that no
// other one has, and a shadow word of another life counts as never touched.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "machine/engine/access_info.h"
#include "machine/engine/clocks.h"
#include "machine/engine/limits.h"
#include "machine/engine/program.h"
#include "machine/engine/sites.h"
#include "machine/engine/zero_pages.h"
#include "machine/memory/object_info.h"

namespace rcufarm::sim {

// What happened to a word last, per kind. Word: eight bytes.
struct Shadow {
  std::uint32_t not_life = 0;    // the complement of its life: a shadow that was never begun, 0, is of no life
  std::uint32_t number = 0;      // of the word, in the order of first touch: a name without an address
  Epoch write = 0;               // the last plain write, or the allocation
  std::uint32_t write_info = 0;  // see AccessInfo
  Epoch read = 0;  // all other accesses since: one epoch, or a handle if is_shared(read_info), which is no lane's epoch
  std::uint32_t read_info = 0;
  std::uint32_t sync_and_site = 0;
  std::uint32_t store = 0;  // the store that a load reads; 0: none in this life

  // What an acquire that reads the word's value takes over, and where the store was made. One word, written as a whole:
  // of parts that were just written a read of the whole would have to wait.
  ClockHandle sync() const { return sync_and_site >> sync_shift; }
  SiteNumber store_site() const { return sync_and_site & ((1U << sync_shift) - 1); }
  void set_store(std::uint32_t number, SiteNumber site, ClockHandle handle) {
    sync_and_site = handle << sync_shift | site;
    store = number;
  }
  void take_store(const Shadow& other) {
    sync_and_site = other.sync_and_site;
    store = other.store;
  }
  static constexpr unsigned sync_shift = 12;
};
static_assert(sizeof(Shadow) == 32 && clock_words_max <= 1U << (32 - Shadow::sync_shift) &&
              sites_max <= 1U << Shadow::sync_shift);

// Of Shadow::read_info; no access is called so. Atomic accesses alone are a case of their own: most words that many use at once
// have no others, and then there is nothing to look for before another one.
inline constexpr AccessInfo read_shared = 0xff;
inline constexpr AccessInfo read_shared_atomic = 0xfe;
constexpr bool is_shared(AccessInfo info) { return info >= read_shared_atomic && info <= read_shared; }

enum class SlotState : std::uint8_t { never, live, freed };

struct Slot {
  std::uint32_t life = 0;     // 0: it is not alive
  std::uint32_t object = 0;   // serial; 0: the host's
  std::uint16_t touched = 0;  // words of this life with a shadow
  std::uint8_t bytes = 0;     // of the slot that belong to the object, in whole words
  SlotState state = SlotState::never;
};
static_assert(object_bytes_backed == 128, "a slot's touched words are 16 bits");

// Was the shadow begun in the slot's present life? Then its word is alive and inside.
inline bool is_of(const Shadow& shadow, const Slot& slot) { return shadow.not_life == ~slot.life; }

struct ObjectRecord {
  ObjectInfo::Kind kind{};
  bool alive = false;
  bool charged = false;
  std::uint32_t slot = 0;
  std::uint32_t slots = 0;
  std::uint32_t skipped = 0;  // bytes of the first slot in front of it: of a part
  std::uint64_t bytes = 0;
  std::uint64_t ksize = 0;
  AccessInfo allocated = 0;
  AccessInfo freed = 0;
  std::uint8_t allocated_cpu = no_cpu;
  std::uint8_t freed_cpu = no_cpu;
  Epoch allocated_epoch = 0;
  std::uint64_t allocated_step = 0;
  std::uint64_t freed_step = 0;
};

class Memory {
 public:
  Memory();
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  void reset(SlabReuse reuse);

  // `each` bytes, `count` times, at a stride of whole slots. Serial number, or 0 when the arena is used up. Caches are
  // backed as a whole and never used again. What is of the heap is backed as a whole, with memory behind it that is nobody's.
  std::uint32_t allocate(ObjectInfo::Kind kind, std::size_t each, unsigned count);
  void release(std::uint32_t serial);
  // A serial number for bytes that the code under test hands out; 0: none is left. Their memory stays that of the object around
  // them, or a global's.
  std::uint32_t new_part(const void* address, std::size_t bytes);
  // A page of a large block gets its memory, zeroed, at the first touch. Nothing for what is no such block's.
  void back(std::size_t offset);
  void back(const void* address, std::size_t bytes);
  // The bytes are zeroes from here on, without a word about who wrote them. Of a large block, those that it has.
  void zero(void* address, std::size_t bytes);
  // A large block loses pages at one of its ends that nobody has touched but its first one. False: it is no such block, or these are
  // no such pages.
  bool trim(const void* address, std::size_t bytes);
  // visit(slot's offset) for each slot of the object that it may have touched.
  template <class Visitor>
  void for_each_slot(std::uint32_t serial, Visitor visit) const {
    const ObjectRecord& object = objects_[serial];
    const std::size_t begin = object.slot * object_bytes_backed;
    const std::size_t end = begin + object.slots * object_bytes_backed;
    const auto visit_all = [&](std::size_t from, std::size_t to) {
      for (std::size_t at = from; at < to; at += object_bytes_backed) {
        if (slots_[at / object_bytes_backed].object == serial) visit(at);
      }
    };
    if (begin < objects_bytes) return visit_all(begin, end);
    for (const std::uint32_t page : pages_) {
      const std::size_t at = page * page_bytes;
      if (at >= begin && at < end) visit_all(at, at + page_bytes);
    }
  }
  void* host_memory(std::size_t bytes);

  bool contains(const void* address) const { return offset_of(address) < arena_bytes; }
  std::size_t offset_of(const void* address) const {
    return reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(base_);
  }
  char* address_of(const ObjectRecord& object) const {
    return base_ + object.slot * object_bytes_backed + object.skipped;
  }
  Slot& slot_at(std::size_t offset) { return slots_[offset / object_bytes_backed]; }
  const Slot& slot_at(std::size_t offset) const { return slots_[offset / object_bytes_backed]; }
  Shadow& shadow_at(std::size_t offset) { return shadows_[offset / sizeof(std::uint64_t)]; }
  // Of code that sees its upper four bytes as a place of their own (foreign.h). Mapped at the first use of the machine's life.
  Shadow& upper_half_at(std::size_t offset) {
    if (upper_halves_ == nullptr) [[unlikely]]
      map_upper_halves();
    return upper_halves_[offset / sizeof(std::uint64_t)];
  }
  bool has_upper_halves() const { return upper_halves_ != nullptr; }
  void want_upper_halves() {
    if (upper_halves_ == nullptr) map_upper_halves();
  }
  ObjectRecord& object(std::uint32_t serial) { return objects_[serial]; }
  const ObjectRecord& object(std::uint32_t serial) const { return objects_[serial]; }
  std::uint32_t object_count() const { return object_count_; }
  std::uint32_t live_objects() const { return live_; }
  static std::size_t stride_of(std::size_t each) {
    return (each + object_bytes_backed - 1) / object_bytes_backed * object_bytes_backed;
  }

  // A word outside the arena; lives for the run. Null: host_words_max are in use.
  Shadow* host_shadow(const void* address);
  Shadow* known_host_shadow(const void* address);  // null: this run has not touched it
  // Caches have a guard behind each instance, and one before the first.
  static std::size_t caches_stride_of(std::size_t each) { return stride_of(each) + caches_guard_bytes; }

  std::uint32_t next_word_number() { return ++words_touched_; }
  // Of a word that this life has not touched. False: it is not alive.
  bool begin_shadow(Shadow& shadow, Slot& slot, std::size_t offset) {
    const std::size_t in_slot = offset % object_bytes_backed;
    if (slot.state != SlotState::live || in_slot + sizeof(std::uint64_t) > slot.bytes) return false;
    slot.touched = static_cast<std::uint16_t>(slot.touched | 1U << (in_slot / sizeof(std::uint64_t)));
    shadow = Shadow{};
    shadow.not_life = ~slot.life;
    shadow.number = next_word_number();
    // What an allocation gives is undefined or zeroed memory: whoever sees the object must see that, too. The host's record is zeros.
    const ObjectRecord& object = objects_[slot.object];
    shadow.write = object.allocated_epoch;
    shadow.write_info = object.allocated;
    return true;
  }

 private:
  static constexpr std::size_t slot_count = arena_bytes / object_bytes_backed;
  static constexpr std::size_t objects_max = objects_bytes / object_bytes_backed;
  static constexpr std::size_t page_bytes = 4096;
  static constexpr unsigned reuse_lists = 32;
  static constexpr std::size_t host_word_places = 2 * host_words_max;
  struct HostWord {
    const void* address = nullptr;
    std::uint32_t life = 0;
    Shadow shadow;
  };

  std::uint32_t take_slots(std::size_t slots, unsigned list, bool reusable);
  std::uint32_t take_large(std::size_t bytes);
  void back_shadows(std::uint32_t slot);
  void mark(std::uint32_t slot, std::size_t each, std::size_t stride, unsigned count, std::uint32_t object,
            int contents);
  void forget_large();
  std::uint32_t next_life();
  HostWord& host_word_at(const void* address);  // its place in the table, or the free one where it would be
  void map_upper_halves();

  char* base_ = nullptr;
  Slot* slots_ = nullptr;
  Shadow* shadows_ = nullptr;
  Shadow* upper_halves_ = nullptr;
  ObjectRecord* objects_ = nullptr;
  std::uint32_t slots_used_ = 0;
  std::uint32_t shadow_pages_backed_ = 0;  // where back_shadows() has come to
  struct Large {
    std::uint32_t object;
    std::uint32_t life;
  };
  std::vector<Large> large_;          // of this run
  std::vector<std::uint32_t> pages_;  // of large blocks, that have memory in this run
  std::size_t large_end_ = objects_bytes;
  std::uint32_t object_count_ = 0;
  std::uint32_t live_ = 0;
  std::uint32_t words_touched_ = 0;
  std::uint32_t life_ = 0;
  std::uint32_t run_life_ = 0;  // of host words
  SlabReuse reuse_ = SlabReuse::never;
  // The serial that was released last, by size; the one before it stands in next_free_.
  std::array<std::uint32_t, reuse_lists> free_{};
  std::uint32_t* next_free_ = nullptr;
  ZeroPages<HostWord> host_words_;
  std::size_t host_words_used_ = 0;
};

}  // namespace rcufarm::sim
