// The slab, part two: the books, and what they tell.
#include <algorithm>
#include <cstdlib>
#include <mutex>

#include "native/fill.h"
#include "native/slab.h"
#include "native/thread_state.h"
#include "native/tsan.h"

namespace rcufarm::native {
namespace {

constexpr std::int64_t unsettled_bytes_max = 16 * 1024;

bool in_nmi() noexcept {
  return this_context != nullptr && this_context->running.load(std::memory_order_relaxed) == Running::nmi;
}

const char* in_words(Holder holder) noexcept {
  switch (holder) {
    case Holder::unmarked: return "";
    case Holder::allocator: return ", the allocator has it";
    case Holder::user: return ", a user has it";
  }
  return "";
}

// An object, whatever keeps its books.
struct Described {
  const void* begin;
  std::size_t requested;
  unsigned instances;
  std::uint64_t sequence;
  Holder holder;
};

Described described(const ObjectHeader& header) noexcept {
  return {header.object(), header.requested, header.instances, header.sequence,
          header.holder.load(std::memory_order_relaxed)};
}

Described described(SlabPage& page, unsigned index) noexcept {
  return {page.object(index), page.facts().requested, 1, page.sequence(index), page.holder(index)};
}

Text describe_object(const char* state, const Described& object, const void* address) noexcept {
  const auto offset =
      static_cast<std::uint64_t>(static_cast<const std::byte*>(address) - static_cast<const std::byte*>(object.begin));
  Text text;
  text << state << " of " << std::uint64_t{object.requested} << " bytes";
  if (object.instances > 1) text << " for each of " << object.instances << " CPUs";
  text << ", sequence " << object.sequence << in_words(object.holder);
  if (offset != 0) text << " (byte " << offset << " of it)";
  return text;
}

Text describe_object(const char* state, const ObjectHeader& header, const void* address) noexcept {
  return describe_object(state, described(header), address);
}

}  // namespace

// A thread on a CPU uses that CPU's, others spread by where their thread-local memory lies.
unsigned Slab::shard_index() noexcept {
  if (this_context != nullptr && this_context->cpu != no_cpu) return this_context->cpu % limits::slab_shards;
  return static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(&this_thread_state) >> 12) % limits::slab_shards;
}

// Under the shard's lock.
bool Slab::settle(Shard& shard, std::int64_t bytes) noexcept {
  const auto limit = static_cast<std::int64_t>(config_.memory_limit_bytes);
  shard.unsettled_bytes += bytes;
  if (limit == 0 && std::abs(shard.unsettled_bytes) < unsettled_bytes_max) return true;
  const std::int64_t total =
      total_bytes_.fetch_add(shard.unsettled_bytes, std::memory_order_relaxed) + shard.unsettled_bytes;
  shard.unsettled_bytes = 0;
  if (limit != 0 && total > limit && bytes > 0) {
    total_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
  }
  std::int64_t peak = peak_bytes_.load(std::memory_order_relaxed);
  while (total > peak && !peak_bytes_.compare_exchange_weak(peak, total, std::memory_order_relaxed)) {
  }
  return true;
}

bool Slab::enter_books(ObjectHeader& header) noexcept {
  const unsigned index = shard_index();
  Shard& shard = shards_[index];
  const tsan::Unseen books;
  const std::scoped_lock held(shard.lock);
  if (!settle(shard, static_cast<std::int64_t>(header.rounded))) return false;
  header.shard = static_cast<std::uint8_t>(index);
  header.sequence = shard.allocations++ * limits::slab_shards + index;
  header.next = shard.newest;
  if (shard.newest != nullptr) shard.newest->previous = &header;
  shard.newest = &header;
  return true;
}

void Slab::leave_books(ObjectHeader& header) noexcept {
  const tsan::Unseen books;
  Shard& shard = shards_[header.shard];
  const std::scoped_lock held(shard.lock);
  if (header.previous != nullptr) header.previous->next = header.next;
  if (header.next != nullptr) header.next->previous = header.previous;
  if (shard.newest == &header) shard.newest = header.next;
  note_free(shard, {header.object(), header.requested, header.sequence});
  settle(shard, -static_cast<std::int64_t>(header.rounded));
}

void Slab::note_free(Shard& shard, const FreedObject& freed) noexcept {
  shard.recent[shard.frees++ % shard.recent.size()] = freed;
}

bool Slab::was_freed_recently(const void* object) noexcept {
  const tsan::Unseen books;
  for (Shard& shard : shards_) {
    const std::scoped_lock held(shard.lock);
    for (const FreedObject& freed : shard.recent) {
      if (freed.object == object && object != nullptr) return true;
    }
  }
  return false;
}

ObjectHeader* Slab::live_header(const void* object, const char* call) noexcept {
  if (seal_before(object) == seal_for(ObjectHeader::live_seal, object)) return header_of(object);
  reports_.add(ReportKind::foreign_free, Text() << call << " of " << describe(object));
  return nullptr;
}

std::size_t Slab::size_of(const void* object) noexcept {
  if (is_live_in_page(object)) return page_of(object)->facts().rounded;
  const ObjectHeader* header = live_header(object, "ksize");
  return header == nullptr ? 0 : header->rounded / header->instances;
}

void* Slab::instance_of(void* object, kernel::Cpu cpu) noexcept {
  ObjectHeader* header = live_header(object, "per_cpu_ptr");
  if (header == nullptr) return nullptr;
  if (header->kind == ObjectKind::per_cpu && static_cast<unsigned>(cpu) < header->instances) {
    return header->instance(static_cast<unsigned>(cpu));
  }
  reports_.add(ReportKind::foreign_free,
               Text() << "per_cpu_ptr to CPU " << static_cast<unsigned>(cpu) << " of " << describe(object));
  return nullptr;
}

bool Slab::is_live_in_page(const void* object) const noexcept {
  SlabPage* page = page_of(object);
  if (page == nullptr) return false;
  const unsigned index = page->index_of(object);
  return page->is_live(index) && page->object(index) == object;
}

bool Slab::is_live(const void* object) const noexcept {
  return is_live_in_page(object) || seal_before(object) == seal_for(ObjectHeader::live_seal, object);
}

std::size_t Slab::requested_bytes(const void* object) const noexcept {
  if (is_live_in_page(object)) return page_of(object)->facts().requested;
  return is_live(object) ? header_of(object)->requested : 0;
}

std::optional<Holder> Slab::mark(const void* address, Holder holder) noexcept {
  if (SlabPage* page = page_of(address); page != nullptr) {
    Holder before{};
    if (page->mark(page->index_of(address), holder, before)) return before;
    return std::nullopt;
  }
  const std::uintptr_t aligned = reinterpret_cast<std::uintptr_t>(address) / 16 * 16;
  for (std::size_t back = 0; back <= limits::interior_bytes_max; back += 16) {
    const auto* object = reinterpret_cast<const void*>(aligned - back);
    if (seal_before(object) != seal_for(ObjectHeader::live_seal, object)) continue;
    return header_of(object)->holder.exchange(holder, std::memory_order_relaxed);
  }
  return std::nullopt;
}

void Slab::check_bounds(const ObjectHeader& header) noexcept {
  if (!config_.poison || asan::enabled) return;  // AddressSanitizer has seen it at once
  if (header.guard != ObjectHeader::guard_pattern) {
    reports_.add(ReportKind::write_out_of_bounds,
                 Text() << "before the begin of " << describe_object("object", header, header.object()));
  }
  header.for_each_gap([&](const std::byte* gap, std::size_t bytes) {
    const std::size_t at = fill::first_difference(gap, bytes, fill::outside);
    if (at == bytes) return;
    reports_.add(ReportKind::write_out_of_bounds, Text() << std::uint64_t{at} << " bytes behind the end of "
                                                         << describe_object("object", header, header.object()));
  });
}

void Slab::check_freed(const ObjectHeader& header) noexcept {
  const tsan::Unseen books;
  for (unsigned i = 0; i < header.instances; ++i) {
    const auto* begin = static_cast<const std::byte*>(header.object()) + i * header.stride();
    const std::size_t at = fill::first_difference(begin, header.requested, fill::freed);
    if (at == header.requested) continue;
    reports_.add(ReportKind::write_after_free, Text() << describe_object("freed object", header, begin + at));
  }
}

void Slab::check_quarantine() {
  const tsan::Unseen books;
  const std::scoped_lock held(quarantine_lock_);
  for (const ObjectHeader* header : quarantined_) check_freed(*header);
}

// visit(ObjectHeader&) -> bool: whether to go on. Each shard under its lock.
template <class Visitor>
void Slab::for_each_live(Visitor visit) noexcept {
  const tsan::Unseen books;
  for (Shard& shard : shards_) {
    const std::scoped_lock held(shard.lock);
    for (ObjectHeader* header = shard.newest; header != nullptr; header = header->next) {
      if (!visit(*header)) return;
    }
  }
}

// An allocator of this kind keeps the address of an object's cache in its first word while a user has it.
Text Slab::describe_home(const void* first_word) noexcept {
  Text text;
  for_each_live([&](const ObjectHeader& header) {
    if (header.kind != ObjectKind::per_cpu_area || !header.contains(first_word)) return true;
    const auto offset =
        reinterpret_cast<std::uintptr_t>(first_word) - reinterpret_cast<std::uintptr_t>(header.object());
    text << ", of the per-CPU caches with sequence " << header.sequence << " (byte " << std::uint64_t{offset} << ")";
    return false;
  });
  return text;
}

Text Slab::describe_live(const void* address) noexcept {
  Text text;
  const void* first_word = nullptr;
  for_each_live([&](const ObjectHeader& header) {
    if (!header.contains(address)) return true;
    text = describe_object("live object", header, address);
    if (header.kind == ObjectKind::kmalloc && header.requested >= sizeof first_word) {
      first_word = first_word_of(header.object());
    }
    return false;
  });
  if (SlabPage* page = page_of(address); page != nullptr && page->is_live(page->index_of(address))) {
    const unsigned index = page->index_of(address);
    text = describe_object("live object", described(*page, index), address);
    if (page->facts().requested >= sizeof first_word) first_word = first_word_of(page->object(index));
  }
  if (first_word != nullptr) text << describe_home(first_word).view();
  return text;
}

Text Slab::describe(const void* address) noexcept {
  if (address == nullptr) return Text() << "null";
  if (in_nmi()) return Text() << address << " (not looked up in nmi)";
  if (const Text live = describe_live(address); !live.view().empty()) return live;
  const tsan::Unseen books;
  for (Shard& shard : shards_) {
    const std::scoped_lock held(shard.lock);
    for (const FreedObject& freed : shard.recent) {
      const auto offset = reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(freed.object);
      if (freed.object == nullptr || offset >= std::max<std::size_t>(freed.bytes, 1)) continue;
      return Text() << "freed object of " << std::uint64_t{freed.bytes} << " bytes, sequence " << freed.sequence;
    }
  }
  const std::scoped_lock held(quarantine_lock_);
  for (const ObjectHeader* header : quarantined_) {
    if (header->contains(address)) return describe_object("freed object", *header, address);
  }
  return Text() << address << ", not of this slab";
}

std::vector<LiveObject> Slab::live() {
  std::vector<LiveObject> objects;
  for_each_live([&](const ObjectHeader& header) {
    objects.push_back({.object = header.object(),
                       .requested_bytes = header.requested,
                       .rounded_bytes = header.rounded,
                       .kind = header.kind,
                       .holder = header.holder.load(std::memory_order_relaxed),
                       .charged = header.charged,
                       .sequence = header.sequence,
                       .site = header.site});
    return true;
  });
  for (Shard& shard : shards_) {
    const std::scoped_lock held(shard.lock);
    shard.pages.for_each_live([&](SlabPage& page, unsigned index) {
      objects.push_back({.object = page.object(index),
                         .requested_bytes = page.facts().requested,
                         .rounded_bytes = page.facts().rounded,
                         .kind = ObjectKind::kmalloc,
                         .holder = page.holder(index),
                         .charged = page.facts().charged,
                         .sequence = page.sequence(index),
                         .site = page.facts().site});
    });
  }
  std::ranges::sort(objects, {}, &LiveObject::sequence);
  return objects;
}

std::string Slab::print_live(std::size_t lines_max) {
  const std::vector<LiveObject> objects = live();
  std::string lines;
  for (std::size_t i = 0; i < std::min(objects.size(), lines_max); ++i) {
    const Text text = Text() << describe(objects[i].object) << ", allocated at " << objects[i].site;
    lines += std::string(text.view()) + "\n";
  }
  if (objects.size() > lines_max) lines += "and " + std::to_string(objects.size() - lines_max) + " more\n";
  return lines;
}

SlabStats Slab::stats() {
  SlabStats stats;
  const tsan::Unseen books;
  std::int64_t bytes = total_bytes_.load(std::memory_order_relaxed);
  for (Shard& shard : shards_) {
    const std::scoped_lock held(shard.lock);
    stats.allocations += shard.allocations;
    stats.frees += shard.frees;
    bytes += shard.unsettled_bytes;
  }
  stats.failures = failed_.load(std::memory_order_relaxed);
  stats.live_objects = stats.allocations - stats.frees;
  stats.live_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(bytes, 0));
  stats.peak_bytes =
      std::max(stats.live_bytes, static_cast<std::uint64_t>(peak_bytes_.load(std::memory_order_relaxed)));
  return stats;
}

}  // namespace rcufarm::native
