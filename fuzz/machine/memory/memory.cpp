// Job: see memory.h.
#include "machine/memory/memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "machine/engine/check.h"
#include "machine/engine/fiber.h"

#if RCUFARM_SIM_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace rcufarm::sim {

namespace {

// Zeroed, and backed only where it is touched.
void* map(std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  check(memory != MAP_FAILED, "the simulator cannot map its arena: give the process more address space (ulimit -v)");
  return memory;
}

// As that, at a multiple of its size: what code makes of an address' bits is the same in each process.
void* map_aligned(std::size_t bytes) {
  auto* memory = static_cast<char*>(map(2 * bytes));
  const std::size_t before = bytes - reinterpret_cast<std::uintptr_t>(memory) % bytes;
  munmap(memory, before);
  munmap(memory + before + bytes, bytes - before);
  return memory + before;
}

void forget(void* memory, std::size_t bytes) {
  if (memory != nullptr) madvise(memory, bytes, MADV_DONTNEED);
}

// In an AddressSanitizer build, what reads the arena past the port's types is caught too.
void forbid([[maybe_unused]] const void* address, [[maybe_unused]] std::size_t bytes) {
#if RCUFARM_SIM_ASAN
  __asan_poison_memory_region(address, bytes);
#endif
}
void permit([[maybe_unused]] const void* address, [[maybe_unused]] std::size_t bytes) {
#if RCUFARM_SIM_ASAN
  __asan_unpoison_memory_region(address, bytes);
#endif
}

// A slot that was never used is zeros. Assigned one by one they are cleared in two passes, of small pieces.
void clear(Slot* slots, std::size_t count) { std::memset(static_cast<void*>(slots), 0, count * sizeof(Slot)); }

// Nearly all objects have one. In words: of bytes, g++ makes an instruction that takes longer to begin than this takes in all.
void fill_slot(void* memory, int contents) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  std::fill_n(static_cast<std::uint64_t*>(memory), object_bytes_backed / sizeof(std::uint64_t),
              ones * static_cast<std::uint8_t>(contents));
}

// As a pointer it is aligned to anything, and points nowhere.
constexpr int undefined_contents = 0x80;

}  // namespace

Memory::Memory()
    : base_(static_cast<char*>(map_aligned(arena_bytes))),
      slots_(static_cast<Slot*>(map(slot_count * sizeof(Slot)))),
      shadows_(static_cast<Shadow*>(map(arena_bytes / sizeof(std::uint64_t) * sizeof(Shadow)))),
      objects_(static_cast<ObjectRecord*>(map((objects_max + 1) * sizeof(ObjectRecord)))),
      next_free_(static_cast<std::uint32_t*>(map((objects_max + 1) * sizeof(std::uint32_t)))),
      host_words_(zero_pages<HostWord>(host_word_places)) {}

Memory::~Memory() {
  permit(base_, slots_used_ * object_bytes_backed);
  for (const std::uint32_t page : pages_) permit(base_ + page * page_bytes, page_bytes);
  munmap(base_, arena_bytes);
  munmap(slots_, slot_count * sizeof(Slot));
  munmap(shadows_, arena_bytes / sizeof(std::uint64_t) * sizeof(Shadow));
  if (upper_halves_ != nullptr) munmap(upper_halves_, arena_bytes / sizeof(std::uint64_t) * sizeof(Shadow));
  munmap(objects_, (objects_max + 1) * sizeof(ObjectRecord));
  munmap(next_free_, (objects_max + 1) * sizeof(std::uint32_t));
}

void Memory::map_upper_halves() {
  upper_halves_ = static_cast<Shadow*>(map(arena_bytes / sizeof(std::uint64_t) * sizeof(Shadow)));
}

void Memory::reset(SlabReuse reuse) {
  clear(slots_, slots_used_);
  slots_used_ = 0;
  if (!large_.empty()) forget_large();
  object_count_ = 0;
  live_ = 0;
  words_touched_ = 0;
  if (reuse_ != SlabReuse::never || reuse != reuse_) free_.fill(0);
  reuse_ = reuse;
  host_words_used_ = 0;
  run_life_ = next_life();
}

void Memory::forget_large() {
  for (const std::uint32_t page : pages_) {
    permit(base_ + page * page_bytes, page_bytes);
    clear(slots_ + page * (page_bytes / object_bytes_backed), page_bytes / object_bytes_backed);
  }
  pages_.clear();
  large_.clear();
  large_end_ = objects_bytes;
}

// When the numbers run out, all shadows are forgotten, so that none of an old life looks like one of a new.
std::uint32_t Memory::next_life() {
  if (++life_ == ~std::uint32_t{0}) [[unlikely]] {
    forget(shadows_, arena_bytes / sizeof(std::uint64_t) * sizeof(Shadow));
    forget(upper_halves_, arena_bytes / sizeof(std::uint64_t) * sizeof(Shadow));
    std::fill_n(host_words_.get(), host_word_places, HostWord{});
    life_ = 1;
  }
  return life_;
}

std::uint32_t Memory::take_slots(std::size_t slots, unsigned list, bool reusable) {
  if (reusable && reuse_ == SlabReuse::lifo && free_[list] != 0) {
    const std::uint32_t serial = free_[list];
    free_[list] = next_free_[serial];
    return objects_[serial].slot;
  }
  if (slots > objects_max - slots_used_) return slot_count;
  const std::uint32_t slot = slots_used_;
  slots_used_ += static_cast<std::uint32_t>(slots);
  return slot;
}

// An access reads its word's shadow before it writes it: on a page that has no memory yet, these are two faults. A page that is
// written here has it by one. From `slot` on nobody has touched a word of this life.
void Memory::back_shadows(std::uint32_t slot) {
  constexpr std::uint32_t slots_of_a_page = page_bytes / (object_bytes_backed / sizeof(std::uint64_t) * sizeof(Shadow));
  std::uint32_t& page = shadow_pages_backed_;
  for (page = std::max(page, slot / slots_of_a_page); page * slots_of_a_page < slots_used_; ++page)
    shadow_at(std::max(slot, page * slots_of_a_page) * object_bytes_backed).not_life = 0;
}

// At a multiple of the largest power of two in its size, as far as pages go; a page behind it is nobody's.
std::uint32_t Memory::take_large(std::size_t bytes) {
  const std::size_t alignment = std::clamp(bytes & (~bytes + 1), page_bytes, objects_bytes);
  const std::size_t begin = (large_end_ + alignment - 1) / alignment * alignment;
  if (begin >= arena_bytes || bytes + page_bytes > arena_bytes - begin) return slot_count;
  large_end_ = begin + bytes + page_bytes;
  return static_cast<std::uint32_t>(begin / object_bytes_backed);
}

void Memory::back(std::size_t offset) {
  if (offset < objects_bytes || offset >= large_end_ || slots_[offset / object_bytes_backed].state != SlotState::never)
    return;
  for (const Large& large : large_) {
    const ObjectRecord& object = objects_[large.object];
    const std::size_t begin = object.slot * object_bytes_backed;
    if (offset - begin >= object.bytes) continue;
    const std::size_t page = offset / page_bytes;
    pages_.push_back(static_cast<std::uint32_t>(page));
    std::size_t left = std::min(object.bytes - (page * page_bytes - begin), page_bytes);
    for (std::size_t k = page * page_bytes / object_bytes_backed; left != 0; ++k) {
      const std::size_t here = std::min(left, object_bytes_backed);
      const std::size_t whole = (here + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t) * sizeof(std::uint64_t);
      slots_[k] = Slot{object.alive ? large.life : 0, large.object, 0, static_cast<std::uint8_t>(whole),
                       object.alive ? SlotState::live : SlotState::freed};
      left -= here;
    }
    permit(base_ + page * page_bytes, page_bytes);
    std::memset(base_ + page * page_bytes, 0, page_bytes);
    return;
  }
}

void Memory::back(const void* address, std::size_t bytes) {
  const std::size_t begin = offset_of(address);
  if (begin < objects_bytes || begin >= arena_bytes) return;
  for (std::size_t at = begin; at < begin + bytes; at = (at / page_bytes + 1) * page_bytes) back(at);
}

bool Memory::trim(const void* address, std::size_t bytes) {
  const std::size_t begin = offset_of(address);
  if (begin < objects_bytes || begin >= large_end_ || begin % page_bytes != 0 || bytes % page_bytes != 0) return false;
  for (const Large& large : large_) {
    ObjectRecord& object = objects_[large.object];
    const std::size_t block = object.slot * object_bytes_backed;
    if (!object.alive || begin < block || begin + bytes > block + object.bytes || bytes >= object.bytes) continue;
    const bool is_front = begin == block;
    if (!is_front && begin + bytes != block + object.bytes) return false;
    for (const std::uint32_t page : pages_) {
      const std::size_t at = page * page_bytes;
      // The first page has memory as the block begins.
      if (at >= begin && at < begin + bytes && at != block) return false;
    }
    if (is_front) {
      clear(slots_ + object.slot, page_bytes / object_bytes_backed);
      std::erase(pages_, static_cast<std::uint32_t>(block / page_bytes));
      object.slot += static_cast<std::uint32_t>(bytes / object_bytes_backed);
    }
    object.bytes -= bytes;
    object.ksize = object.bytes;
    object.slots = static_cast<std::uint32_t>(stride_of(object.bytes + 1) / object_bytes_backed);
    back(object.slot * object_bytes_backed);
    return true;
  }
  return false;
}

void Memory::zero(void* address, std::size_t bytes) {
  const std::size_t begin = offset_of(address);
  if (begin < objects_bytes || begin >= arena_bytes) {
    std::memset(address, 0, bytes);
    return;
  }
  for (const std::uint32_t page : pages_) {
    const std::size_t from = std::max(page * page_bytes, begin);
    const std::size_t to = std::min((page + 1) * page_bytes, begin + bytes);
    if (from < to) std::memset(base_ + from, 0, to - from);
  }
}

// `count` instances become alive, each a stride behind the other; what lies between them stays nobody's.
void Memory::mark(std::uint32_t slot, std::size_t each, std::size_t stride, unsigned count, std::uint32_t object,
                  int contents) {
  const std::uint32_t life = next_life();
  for (unsigned i = 0; i < count; ++i, slot += static_cast<std::uint32_t>(stride / object_bytes_backed)) {
    std::size_t left = each;
    for (std::uint32_t k = slot; left != 0; ++k) {
      const std::size_t here = std::min(left, object_bytes_backed);
      const std::size_t whole_words =
          (here + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t) * sizeof(std::uint64_t);
      slots_[k] = Slot{life, object, 0, static_cast<std::uint8_t>(whole_words), SlotState::live};
      left -= here;
    }
    char* memory = base_ + slot * object_bytes_backed;
    permit(memory, stride_of(each));
    if (stride_of(each) == object_bytes_backed) [[likely]] {
      fill_slot(memory, contents);
    } else {
      std::memset(memory, contents, stride_of(each));
    }
  }
}

namespace {
// Objects of like size share memory, as in a slab: by the power of two, and by slots for what has more than one.
unsigned reuse_list(std::size_t each, unsigned count) {
  return count > 1 ? 16U + std::min(count, 15U) : std::min(static_cast<unsigned>(std::bit_width(each)), 15U);
}

// A list's objects are of one size; the largest of the heap have none.
bool is_reused(ObjectInfo::Kind kind, std::uint32_t slots) {
  if (kind == ObjectInfo::Kind::heap) return slots < 15;
  return kind != ObjectInfo::Kind::caches;
}
}  // namespace

std::uint32_t Memory::allocate(ObjectInfo::Kind kind, std::size_t each, unsigned count) {
  const bool caches = kind == ObjectInfo::Kind::caches;
  const bool heap = kind == ObjectInfo::Kind::heap;
  const std::size_t backed = caches || heap ? each : std::min(each, object_bytes_backed);
  const std::size_t stride = caches ? caches_stride_of(each) : stride_of(heap ? each + 1 : backed);
  const auto guard = static_cast<std::uint32_t>(caches ? caches_guard_bytes / object_bytes_backed : 0);
  const auto slots = static_cast<std::uint32_t>(stride * count / object_bytes_backed);
  if (object_count_ >= objects_max) return 0;
  const bool large = heap && each >= large_block_bytes;
  const unsigned list = reuse_list(each, heap ? slots : count);
  const std::uint32_t first = large ? take_large(each) : take_slots(slots + guard, list, is_reused(kind, slots));
  if (first == slot_count) return 0;
  if (!heap) back_shadows(first);  // of the heap's few words are ever looked at
  const std::uint32_t serial = ++object_count_;
  ObjectRecord& object = objects_[serial];
  object = ObjectRecord{};
  object.kind = kind;
  object.alive = true;
  object.slot = first + guard;
  object.slots = slots;
  object.bytes = each;
  object.ksize = each;
  ++live_;
  if (large) {
    large_.push_back({serial, next_life()});
    back(object.slot * object_bytes_backed);
    return serial;
  }
  mark(object.slot, backed, stride, count, serial, undefined_contents);
  return serial;
}

void Memory::release(std::uint32_t serial) {
  ObjectRecord& object = objects_[serial];
  object.alive = false;
  --live_;
  for_each_slot(serial, [this](std::size_t offset) {
    slot_at(offset).state = SlotState::freed;
    slot_at(offset).life = 0;
    forbid(base_ + offset, object_bytes_backed);
  });
  if (!is_reused(object.kind, object.slots)) return;
  const unsigned count = object.kind == ObjectInfo::Kind::slab ? 1 : object.slots;
  const unsigned list = reuse_list(object.bytes, count);
  next_free_[serial] = free_[list];
  free_[list] = serial;
}

std::uint32_t Memory::new_part(const void* address, std::size_t bytes) {
  const std::size_t offset = offset_of(address);
  if (object_count_ >= objects_max) return 0;
  const std::uint32_t serial = ++object_count_;
  ObjectRecord& object = objects_[serial];
  object = ObjectRecord{};
  object.kind = ObjectInfo::Kind::part;
  object.alive = true;
  object.bytes = object.ksize = bytes;
  if (offset >= arena_bytes) return serial;
  object.slot = static_cast<std::uint32_t>(offset / object_bytes_backed);
  object.skipped = static_cast<std::uint32_t>(offset % object_bytes_backed);
  object.slots = static_cast<std::uint32_t>(stride_of(bytes) / object_bytes_backed);
  return serial;
}

void* Memory::host_memory(std::size_t bytes) {
  if (bytes == 0) return nullptr;
  const std::uint32_t slot = take_slots(stride_of(bytes) / object_bytes_backed, 0, false);
  if (slot == slot_count) return nullptr;
  mark(slot, bytes, stride_of(bytes), 1, 0, 0);
  return base_ + slot * object_bytes_backed;
}

Memory::HostWord& Memory::host_word_at(const void* address) {
  std::size_t at = (reinterpret_cast<std::uintptr_t>(address) * 0x9e3779b97f4a7c15U >> 40U) % host_word_places;
  while (host_words_[at].life == run_life_ && host_words_[at].address != address) at = (at + 1) % host_word_places;
  return host_words_[at];
}

Shadow* Memory::known_host_shadow(const void* address) {
  HostWord& word = host_word_at(address);
  return word.life == run_life_ ? &word.shadow : nullptr;
}

Shadow* Memory::host_shadow(const void* address) {
  HostWord& word = host_word_at(address);
  if (word.life != run_life_) {
    if (++host_words_used_ > host_words_max) return nullptr;
    word = HostWord{address, run_life_, Shadow{}};
    word.shadow.not_life = ~run_life_;
    word.shadow.number = next_word_number();
  }
  return &word.shadow;
}

}  // namespace rcufarm::sim
