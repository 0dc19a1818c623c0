#include "native/slab_pages.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace rcufarm::native {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 20;
constexpr std::uint64_t page_seal = 0x7061'6765'0b1e'c700;
constexpr std::uintptr_t lowest = 0x1'0000;  // nothing is mapped below
constexpr std::size_t object_alignment = 16;
constexpr std::size_t books_bytes = sizeof(std::uint32_t) + sizeof(std::uint8_t);  // of each object

constexpr std::size_t round_to(std::size_t bytes, std::size_t unit) noexcept {
  return (bytes + unit - 1) / unit * unit;
}

}  // namespace

static_assert(sizeof(SlabPage) == 64);
static_assert(sizeof(std::atomic<std::uint8_t>) == 1);

SlabPage::SlabPage(const PageFacts& facts, std::uint8_t shard, std::uint64_t its_seal) noexcept
    : seal(its_seal), facts_(facts), shard_(shard) {
  const std::size_t stride = round_to(std::max<std::size_t>(facts.requested, 1), object_alignment);
  std::size_t capacity = (slab_page_bytes - sizeof(SlabPage)) / (stride + books_bytes);
  // The alignment of the first object may cost one.
  while (round_to(sizeof(SlabPage) + capacity * books_bytes, object_alignment) + capacity * stride > slab_page_bytes) {
    --capacity;
  }
  stride_ = static_cast<std::uint16_t>(stride);
  capacity_ = static_cast<std::uint16_t>(capacity);
  objects_offset_ = static_cast<std::uint16_t>(round_to(sizeof(SlabPage) + capacity * books_bytes, object_alignment));
  for (unsigned i = 0; i < capacity; ++i) {
    sequences()[i] = i + 1 == capacity ? none : i + 1;
    new (&states()[i]) std::atomic<std::uint8_t>(0);
  }
}

std::uint64_t SlabPage::seal_of(const void* page, std::uint64_t seal_key) noexcept {
  return seal_for(page_seal ^ seal_key, page);
}

RCUFARM_READS_ANYTHING SlabPage* SlabPage::of(const void* address, std::uint64_t seal_key) noexcept {
  const std::uintptr_t begin = reinterpret_cast<std::uintptr_t>(address) / slab_page_bytes * slab_page_bytes;
  if (begin < lowest) return nullptr;
  const auto* page = reinterpret_cast<const void*>(begin);
  const std::uint64_t seal = *reinterpret_cast<const volatile std::uint64_t*>(begin);
  return seal == seal_of(page, seal_key) ? reinterpret_cast<SlabPage*>(begin) : nullptr;
}

unsigned SlabPage::index_of(const void* address) const noexcept {
  const std::size_t offset = reinterpret_cast<std::uintptr_t>(address) % slab_page_bytes;
  if (offset < objects_offset_) return capacity_;
  return std::min<unsigned>(static_cast<unsigned>((offset - objects_offset_) / stride_), capacity_);
}

// Relaxed, all of them: an object's user orders what happens to it; of two who free it at once the lock lets one go first.
bool SlabPage::is_live(unsigned index) const noexcept {
  return index < capacity_ && (states()[index].load(std::memory_order_relaxed) & live_bit) != 0;
}

Holder SlabPage::holder(unsigned index) const noexcept {
  return static_cast<Holder>(states()[index].load(std::memory_order_relaxed) & ~live_bit);
}

bool SlabPage::mark(unsigned index, Holder holder, Holder& before) noexcept {
  if (index >= capacity_) return false;
  std::uint8_t state = states()[index].load(std::memory_order_relaxed);
  do {
    if ((state & live_bit) == 0) return false;
  } while (!states()[index].compare_exchange_weak(state, live_bit | static_cast<std::uint8_t>(holder),
                                                  std::memory_order_relaxed));
  before = static_cast<Holder>(state & ~live_bit);
  return true;
}

unsigned SlabPage::take(std::uint32_t sequence) noexcept {
  const unsigned index = first_free_;
  first_free_ = static_cast<std::uint16_t>(sequences()[index]);
  sequences()[index] = sequence;
  states()[index].store(live_bit, std::memory_order_relaxed);
  return index;
}

void SlabPage::give_back(unsigned index) noexcept {
  states()[index].store(0, std::memory_order_relaxed);
  sequences()[index] = first_free_;
  first_free_ = static_cast<std::uint16_t>(index);
}

SlabPages::~SlabPages() {
  for (void* chunk : chunks_) munmap(chunk, chunk_bytes);
}

SlabPages::Class& SlabPages::class_of(const PageFacts& facts) {
  for (Class& each : classes_) {
    if (each.facts == facts) return each;
  }
  return classes_.emplace_back(Class{facts});
}

SlabPage* SlabPages::new_page(Class& its_class, std::uint8_t shard, std::uint64_t seal_key) noexcept {
  if (left_bytes_ == 0) {
    void* chunk = mmap(nullptr, chunk_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (chunk == MAP_FAILED) return nullptr;
    chunks_.push_back(chunk);
    unused_ = static_cast<std::byte*>(chunk);
    left_bytes_ = chunk_bytes;
  }
  auto* page = new (unused_) SlabPage(its_class.facts, shard, SlabPage::seal_of(unused_, seal_key));
  unused_ += slab_page_bytes;
  left_bytes_ -= slab_page_bytes;
  page->next_of_class = its_class.newest;
  its_class.newest = page;
  return page;
}

void* SlabPages::allocate(const PageFacts& facts, std::uint8_t shard, std::uint64_t seal_key,
                          std::uint32_t sequence) noexcept {
  Class& its_class = class_of(facts);
  if (its_class.with_room == nullptr) its_class.with_room = new_page(its_class, shard, seal_key);
  SlabPage* page = its_class.with_room;
  if (page == nullptr) return nullptr;
  void* object = page->object(page->take(sequence));
  if (page->full()) its_class.with_room = page->next_with_room;
  return object;
}

void SlabPages::free(SlabPage& page, unsigned index) noexcept {
  const bool was_full = page.full();
  page.give_back(index);
  if (!was_full) return;
  Class& its_class = class_of(page.facts());
  page.next_with_room = its_class.with_room;
  its_class.with_room = &page;
}

}  // namespace rcufarm::native
