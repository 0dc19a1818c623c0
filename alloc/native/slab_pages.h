// Pages of small objects: what a slab without poison and quarantine keeps instead of a header before each object.
//
// Job: objects of one size, from one place in the code, side by side in a page whose begin says what they have in common; of
// each object it knows no more than a state and a sequence, five bytes. An object's page is found by its address. Owned by
// a shard of a Slab, which keeps callers apart by its lock, except where said. Pages stay with their class until the end.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "native/asan.h"
#include "native/object_header.h"
#include "native/tsan.h"

namespace rcufarm::native {

inline constexpr std::size_t slab_page_bytes = 4096;

// What all objects of a page share.
struct PageFacts {
  const void* site = nullptr;   // who allocated them: an address in code
  std::uint32_t requested = 0;  // bytes
  std::uint32_t rounded = 0;    // what each is charged with, and what ksize says
  bool charged = false;         // to the machine's cgroup
  bool operator==(const PageFacts&) const = default;
};

// At a multiple of slab_page_bytes: [SlabPage | sequences | states | objects].
class alignas(64) SlabPage {
 public:
  const std::uint64_t seal;  // first: of() looks at the page's begin

  SlabPage(const PageFacts& facts, std::uint8_t shard, std::uint64_t its_seal) noexcept;

  // The page of this seal that the address lies in, or null. Any context. The address's own page has to be mapped.
  static SlabPage* of(const void* address, std::uint64_t seal_key) noexcept;
  static std::uint64_t seal_of(const void* page, std::uint64_t seal_key) noexcept;

  const PageFacts& facts() const noexcept { return facts_; }
  std::uint8_t shard() const noexcept { return shard_; }
  unsigned capacity() const noexcept { return capacity_; }
  std::byte* object(unsigned index) noexcept { return objects() + index * stride_; }
  // Of the object that the address lies in; capacity() if it lies in none.
  unsigned index_of(const void* address) const noexcept;

  // Any context.
  bool is_live(unsigned index) const noexcept;
  Holder holder(unsigned index) const noexcept;
  // Who had it, if it is live.
  bool mark(unsigned index, Holder holder, Holder& before) noexcept;
  std::uint32_t sequence(unsigned index) const noexcept { return sequences()[index]; }

  // Under the shard's lock.
  bool full() const noexcept { return first_free_ == none; }
  unsigned take(std::uint32_t sequence) noexcept;
  void give_back(unsigned index) noexcept;

  SlabPage* next_of_class = nullptr;
  SlabPage* next_with_room = nullptr;

 private:
  static constexpr std::uint16_t none = 0xffff;
  static constexpr std::uint8_t live_bit = 0x80;

  std::uint32_t* sequences() noexcept { return reinterpret_cast<std::uint32_t*>(this + 1); }
  const std::uint32_t* sequences() const noexcept { return reinterpret_cast<const std::uint32_t*>(this + 1); }
  std::atomic<std::uint8_t>* states() noexcept {
    return reinterpret_cast<std::atomic<std::uint8_t>*>(sequences() + capacity_);
  }
  const std::atomic<std::uint8_t>* states() const noexcept {
    return reinterpret_cast<const std::atomic<std::uint8_t>*>(sequences() + capacity_);
  }
  std::byte* objects() noexcept { return reinterpret_cast<std::byte*>(this) + objects_offset_; }

  const PageFacts facts_;
  const std::uint8_t shard_;
  std::uint16_t stride_;
  std::uint16_t capacity_;
  std::uint16_t objects_offset_;
  std::uint16_t first_free_ = 0;  // free objects are linked by their sequence's place
};

class SlabPages {
 public:
  // Where a sanitizer watches, objects are its own allocator's: in a page it could not tell one's end or free.
  static constexpr bool possible = !asan::enabled && !tsan::enabled;
  // Larger ones leave too much of a page unused.
  static constexpr std::size_t object_bytes_max = 512;

  SlabPages() = default;
  ~SlabPages();
  SlabPages(const SlabPages&) = delete;
  SlabPages& operator=(const SlabPages&) = delete;

  // Null: out of memory.
  void* allocate(const PageFacts& facts, std::uint8_t shard, std::uint64_t seal_key, std::uint32_t sequence) noexcept;
  void free(SlabPage& page, unsigned index) noexcept;

  // visit(SlabPage&, unsigned index): what is live.
  template <class Visitor>
  void for_each_live(Visitor visit) {
    for (const Class& each : classes_) {
      for (SlabPage* page = each.newest; page != nullptr; page = page->next_of_class) {
        for (unsigned i = 0; i < page->capacity(); ++i) {
          if (page->is_live(i)) visit(*page, i);
        }
      }
    }
  }

 private:
  struct Class {
    PageFacts facts;
    SlabPage* newest = nullptr;
    SlabPage* with_room = nullptr;
  };

  Class& class_of(const PageFacts& facts);
  SlabPage* new_page(Class& its_class, std::uint8_t shard, std::uint64_t seal_key) noexcept;

  std::vector<Class> classes_;  // few: a place in the code asks for few sizes
  std::vector<void*> chunks_;
  std::byte* unused_ = nullptr;
  std::size_t left_bytes_ = 0;
};

}  // namespace rcufarm::native
