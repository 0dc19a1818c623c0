// What the slab knows of an object, kept right before it.
//
// Job: the layout, and recognising it. [block … padding | ObjectHeader | object … | tail up to the rounded size].
// The seal depends on the object's address, so that a pointer which the slab did not hand out is told from one that it
// did without looking it up; the guard behind it is poisoned for AddressSanitizer, and elsewhere compared at free.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "native/asan.h"
#include "native/fill.h"
#include "native/limits.h"
#include "native/port/slab.h"

namespace rcufarm::native {

enum class ObjectKind : std::uint8_t { kmalloc, per_cpu, per_cpu_area };

// Who has an object, as far as a harness has marked it, for its reports of leaks.
enum class Holder : std::uint8_t { unmarked, allocator, user };

// What stays the same while an object lives.
struct ObjectFacts {
  const void* site = nullptr;     // who allocated it: an address in code
  std::uint32_t requested = 0;    // bytes; of each instance if per_cpu
  std::uint32_t rounded = 0;      // bytes in all that it is charged with, and what ksize says unless it is per_cpu
  std::uint8_t block_offset = 0;  // from the block's begin to the object
  std::uint8_t alignment = 0;     // of the block
  std::uint8_t instances = 1;     // per_cpu: one for each CPU
  std::uint8_t tail = 0;          // bytes behind the rounded size
  ObjectKind kind = ObjectKind::kmalloc;
  bool charged = false;  // to the machine's cgroup

  // per_cpu: from one instance to the next.
  std::size_t stride() const noexcept { return (std::size_t{requested} + 15) / 16 * 16 + fill::gap_bytes; }
  // From the object to the block's end: instances, and what is between and behind them. AddressSanitizer sees the end of
  // what was asked for, so there is nothing behind it.
  std::size_t span_bytes() const noexcept {
    if (kind == ObjectKind::per_cpu) return stride() * instances;
    return asan::enabled ? requested : std::size_t{rounded} + tail;
  }
  std::size_t block_bytes() const noexcept { return block_offset + span_bytes(); }
};

struct alignas(16) ObjectHeader : ObjectFacts {
  static constexpr std::uint64_t live_seal = 0x6c69'7665'0b1e'c700;
  static constexpr std::uint64_t freed_seal = 0x6672'6565'0b1e'c700;
  static constexpr std::uint64_t guard_pattern = 0xfeed'fa11'feed'fa11;

  explicit ObjectHeader(const ObjectFacts& facts) noexcept : ObjectFacts(facts) {}

  // Of the shard's list, and changed under its lock.
  std::uint8_t shard = 0;
  std::atomic<Holder> holder{Holder::unmarked};
  ObjectHeader* previous = nullptr;
  ObjectHeader* next = nullptr;
  std::uint64_t sequence = 0;  // unique in the machine

  // live_seal or freed_seal, each xor the object's address.
  std::atomic<std::uint64_t> seal{0};
  std::uint64_t guard = guard_pattern;

  void* object() noexcept { return this + 1; }
  const void* object() const noexcept { return this + 1; }
  void* block() noexcept { return static_cast<std::byte*>(object()) - block_offset; }
  void* instance(unsigned i) noexcept { return static_cast<std::byte*>(object()) + i * stride(); }
  // visit(std::byte* begin, std::size_t bytes): what is behind each instance up to the next, or up to the block's end.
  template <class Visitor>
  void for_each_gap(Visitor visit) const {
    auto* begin = static_cast<std::byte*>(const_cast<void*>(object()));
    const std::size_t step = instances > 1 ? stride() : span_bytes();
    for (std::size_t i = 0; i < instances; ++i) {
      if (step > requested) visit(begin + i * step + requested, step - requested);
    }
  }
  bool contains(const void* address) const noexcept {
    return reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(object()) < span_bytes();
  }
};
// A cache line, no more: it lies beside every object, and what is deferred costs as much memory as it has objects.
static_assert(sizeof(ObjectHeader) == 64);
static_assert(limits::cpus_max <= 0xff && limits::allocation_bytes_max <= 0xffff'ffff && limits::slab_shards <= 0xff);
// From an object back to its seal: the seal and the guard are the last of the header's eight words.
inline constexpr std::size_t seal_distance = 16;
// Looking for an object's begin from an address in it stays in the block even if the address is the begin.
static_assert(limits::interior_bytes_max + seal_distance <= sizeof(ObjectHeader));

inline std::uint64_t seal_for(std::uint64_t pattern, const void* object) noexcept {
  return pattern ^ reinterpret_cast<std::uintptr_t>(object);
}

inline ObjectHeader* header_of(const void* object) noexcept {
  return static_cast<ObjectHeader*>(const_cast<void*>(object)) - 1;
}

// What stands where the seal of an object at this address would be; 0 for what cannot be one. The memory before the
// address has to be mapped.
std::uint64_t seal_before(const void* address) noexcept;
// The first word of a live object of at least a word, whoever may be writing to it.
const void* first_word_of(const void* object) noexcept;

}  // namespace rcufarm::native
