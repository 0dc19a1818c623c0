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
#include "native/port/slab.h"

namespace rcufarm::native {

enum class ObjectKind : std::uint8_t { kmalloc, per_cpu, per_cpu_area };

// Who has an object: marked by a harness, for its reports of leaks.
enum class Holder : std::uint8_t { allocator, user };

struct alignas(16) ObjectHeader {
  static constexpr std::uint64_t live_seal = 0x6c69'7665'0b1e'c700;
  static constexpr std::uint64_t freed_seal = 0x6672'6565'0b1e'c700;
  static constexpr std::uint64_t guard_pattern = 0xfeed'fa11'feed'fa11;

  // The shard's list; under its lock.
  ObjectHeader* previous = nullptr;
  ObjectHeader* next = nullptr;

  // Constant while the object lives.
  kernel::ObjCgroup* cgroup = nullptr;
  const void* site = nullptr;      // who allocated it: an address in code
  std::uint64_t sequence = 0;      // unique in the machine
  std::size_t requested = 0;       // bytes; of each instance if per_cpu
  std::size_t rounded = 0;         // bytes in all that it is charged with, and what ksize says unless it is per_cpu
  std::size_t block_bytes = 0;     // of the whole block
  std::uint32_t stride = 0;        // bytes from one instance to the next, where there are several
  std::uint32_t instances = 1;     // per_cpu: one for each CPU
  std::uint16_t block_offset = 0;  // from the block's begin to the object
  std::uint16_t alignment = 0;     // of the block
  std::uint16_t shard = 0;
  ObjectKind kind = ObjectKind::kmalloc;
  std::atomic<Holder> holder{Holder::allocator};

  // live_seal or freed_seal, each xor the object's address.
  std::atomic<std::uint64_t> seal{0};
  std::uint64_t guard = guard_pattern;

  void* object() noexcept { return this + 1; }
  const void* object() const noexcept { return this + 1; }
  void* block() noexcept { return static_cast<std::byte*>(object()) - block_offset; }
  void* instance(unsigned i) noexcept { return static_cast<std::byte*>(object()) + std::size_t{i} * stride; }
  // visit(std::byte* begin, std::size_t bytes): what is behind each instance up to the next, or up to the block's end.
  template <class Visitor>
  void for_each_gap(Visitor visit) const {
    auto* begin = static_cast<std::byte*>(const_cast<void*>(object()));
    const std::size_t step = instances > 1 ? stride : span_bytes();
    for (std::size_t i = 0; i < instances; ++i) {
      if (step > requested) visit(begin + i * step + requested, step - requested);
    }
  }
  // From the object to the block's end: instances, and what is between and behind them.
  std::size_t span_bytes() const noexcept { return block_bytes - block_offset; }
  bool contains(const void* address) const noexcept {
    return reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(object()) < span_bytes();
  }
};
static_assert(sizeof(ObjectHeader) <= 128);
// From an object back to its seal.
inline constexpr std::size_t seal_distance = 16;
static_assert(offsetof(ObjectHeader, seal) == sizeof(ObjectHeader) - seal_distance);

inline std::uint64_t seal_for(std::uint64_t pattern, const void* object) noexcept {
  return pattern ^ reinterpret_cast<std::uintptr_t>(object);
}

inline ObjectHeader* header_of(const void* object) noexcept {
  return static_cast<ObjectHeader*>(const_cast<void*>(object)) - 1;
}

// What stands where the seal of an object at this address would be; 0 for what cannot be one. The memory before the
// address has to be mapped.
std::uint64_t seal_before(const void* address) noexcept;

}  // namespace rcufarm::native
