// The slab, part one: allocate and free.
#include "native/slab.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>

#include "native/asan.h"
#include "native/fill.h"
#include "native/port/per_cpu.h"
#include "native/rounding.h"
#include "native/thread_state.h"
#include "native/tsan.h"

namespace rcufarm::native {
namespace {

constexpr std::size_t round_to(std::size_t bytes, std::size_t unit) noexcept {
  return (bytes + unit - 1) / unit * unit;
}

const char* name_of(ObjectKind kind) noexcept {
  switch (kind) {
    case ObjectKind::kmalloc: return "kmalloc_node";
    case ObjectKind::per_cpu: return "alloc_percpu";
    case ObjectKind::per_cpu_area: return "PerCpu::create";
  }
  return "unknown";
}

}  // namespace

std::string problem_with(const SlabConfig& config) {
  if (config.quarantine_bytes > limits::quarantine_bytes_max) {
    return "the slab's quarantine holds at most " + std::to_string(limits::quarantine_bytes_max) + " bytes";
  }
  if (config.backing == Backing::pages && (config.poison || config.quarantine)) {
    return "a slab of pages keeps neither poison nor quarantine: turn both off";
  }
  return problem_with(config.backing);
}

Slab::Slab(SlabConfig config, unsigned cpus, Reports& reports)
    : config_(std::move(config)),
      has_pages_(config_.backing == Backing::pages && SlabPages::possible),
      cpus_(cpus),
      reports_(reports),
      source_(make_source(config_.backing)),
      cgroup_(config_.cgroup ? std::make_unique<kernel::ObjCgroup>(config_.cgroup_limit_bytes) : nullptr),
      failures_(config_.failures) {}

Slab::~Slab() {
  check_quarantine();
  for (ObjectHeader* header : quarantined_) release(*header);
  for (Shard& shard : shards_) {
    while (shard.newest != nullptr) {
      ObjectHeader& header = *shard.newest;
      shard.newest = header.next;
      release(header);
    }
  }
}

std::size_t Slab::rounded_bytes(const Request& request) const noexcept {
  switch (request.kind) {
    case ObjectKind::kmalloc: return round_up(request.bytes, config_.rounding);
    case ObjectKind::per_cpu: return round_up(request.bytes, config_.rounding) * cpus_;
    case ObjectKind::per_cpu_area: return request.bytes;
  }
  return request.bytes;
}

void* Slab::fail(kernel::AllocFailure& why, kernel::AllocFailure reason) noexcept {
  failed_.fetch_add(1, std::memory_order_relaxed);
  why = reason;
  return nullptr;
}

void* Slab::allocate(const Request& request, kernel::AllocFailure& why) noexcept {
  why = kernel::AllocFailure::none;
  if (request.bytes > limits::allocation_bytes_max / cpus_ || failures_.next_fails()) {
    return fail(why, kernel::AllocFailure::slab);
  }
  const std::size_t charge = rounded_bytes(request);
  if (request.cgroup != nullptr && !request.cgroup->charge(charge)) return fail(why, kernel::AllocFailure::cgroup);
  const bool in_page =
      has_pages_ && request.kind == ObjectKind::kmalloc && request.bytes <= SlabPages::object_bytes_max;
  void* object = in_page ? allocate_in_page(request) : allocate_block(request);
  if (object != nullptr) return object;
  if (request.cgroup != nullptr) request.cgroup->uncharge(charge);
  return fail(why, kernel::AllocFailure::slab);
}

void* Slab::allocate_in_page(const Request& request) noexcept {
  const auto rounded = static_cast<std::uint32_t>(rounded_bytes(request));
  const PageFacts facts{.site = request.site,
                        .requested = static_cast<std::uint32_t>(request.bytes),
                        .rounded = rounded,
                        .charged = request.cgroup != nullptr};
  const unsigned index = shard_index();
  Shard& shard = shards_[index];
  const std::scoped_lock held(shard.lock);
  if (!settle(shard, rounded)) return nullptr;
  const auto sequence = static_cast<std::uint32_t>(shard.allocations * limits::slab_shards + index);
  void* object = shard.pages.allocate(facts, static_cast<std::uint8_t>(index), page_seal_key(), sequence);
  if (object == nullptr) {
    settle(shard, -std::int64_t{rounded});
    return nullptr;
  }
  ++shard.allocations;
  return object;
}

void* Slab::allocate_block(const Request& request) noexcept {
  ObjectHeader* header = make(request);
  if (header == nullptr) return nullptr;
  if (!enter_books(*header)) {
    release(*header);
    return nullptr;
  }
  // Seen by ThreadSanitizer, unlike the books: whoever uses the object has to be ordered after this.
  if (request.kind == ObjectKind::per_cpu) {
    for (unsigned i = 0; i < header->instances; ++i) std::memset(header->instance(i), 0, header->requested);
  } else if (config_.poison) {
    std::memset(header->object(), fill::fresh, header->requested);
  }
  return header->object();
}

ObjectHeader* Slab::make(const Request& request) noexcept {
  const std::size_t alignment = request.kind == ObjectKind::per_cpu_area ? per_cpu_alignment : 16;
  const std::size_t offset = round_to(sizeof(ObjectHeader), alignment);
  ObjectFacts facts;
  facts.site = request.site;
  facts.requested = static_cast<std::uint32_t>(request.bytes);
  facts.rounded = static_cast<std::uint32_t>(rounded_bytes(request));
  facts.block_offset = static_cast<std::uint8_t>(offset);
  facts.alignment = static_cast<std::uint8_t>(alignment);
  facts.instances = request.kind == ObjectKind::per_cpu ? static_cast<std::uint8_t>(cpus_) : 1;
  // Bytes that show at free whether somebody wrote there; AddressSanitizer shows it at once.
  facts.tail = config_.poison && !asan::enabled ? fill::tail_bytes : 0;
  facts.kind = request.kind;
  facts.charged = request.cgroup != nullptr;
  void* block = source_->allocate(facts.block_bytes(), alignment);
  if (block == nullptr) return nullptr;

  const tsan::Unseen books;
  auto* header = new (static_cast<std::byte*>(block) + offset - sizeof(ObjectHeader)) ObjectHeader(facts);
  if (config_.poison) header->for_each_gap([](std::byte* gap, std::size_t n) { std::memset(gap, fill::outside, n); });
  header->for_each_gap([](std::byte* gap, std::size_t n) { asan::close(gap, n); });
  asan::close(&header->guard, sizeof header->guard);
  header->seal.store(seal_for(ObjectHeader::live_seal, header->object()), std::memory_order_relaxed);
  return header;
}

ObjectHeader* Slab::claim_for_free(const void* object, ObjectKind kind, const char* call) noexcept {
  const std::uint64_t seal = seal_before(object);
  const std::uint64_t live = seal_for(ObjectHeader::live_seal, object);
  const std::uint64_t freed = seal_for(ObjectHeader::freed_seal, object);
  if (seal == live) {
    ObjectHeader* header = header_of(object);
    const tsan::Unseen books;
    if (header->kind != kind) {
      reports_.add(ReportKind::foreign_free,
                   Text() << call << " of what " << name_of(header->kind) << " gave: " << describe(object));
      return nullptr;
    }
    // Of two who free it at once, one gets it. Relaxed: its user orders the free after all else.
    std::uint64_t expected = live;
    if (header->seal.compare_exchange_strong(expected, freed, std::memory_order_relaxed)) return header;
  } else if (seal != freed && !was_freed_recently(object)) {
    reports_.add(ReportKind::foreign_free, Text() << call << " of " << describe(object));
    return nullptr;
  }
  reports_.add(ReportKind::double_free, Text() << call << " of " << describe(object));
  return nullptr;
}

void Slab::free(const void* object, ObjectKind kind, const char* call) noexcept {
  if (object == nullptr) return;
  if (SlabPage* page = page_of(object); page != nullptr) return free_in_page(*page, object, kind, call);
  free_block(object, kind, call);
}

void Slab::free_in_page(SlabPage& page, const void* object, ObjectKind kind, const char* call) noexcept {
  const unsigned index = page.index_of(object);
  if (index == page.capacity() || page.object(index) != object) {
    reports_.add(ReportKind::foreign_free, Text() << call << " of " << describe(object));
    return;
  }
  if (kind != ObjectKind::kmalloc) {
    reports_.add(ReportKind::foreign_free,
                 Text() << call << " of what " << name_of(ObjectKind::kmalloc) << " gave: " << describe(object));
    return;
  }
  bool was_live = false;
  {
    Shard& shard = shards_[page.shard()];
    const std::scoped_lock held(shard.lock);
    was_live = page.is_live(index);  // of two who free it at once, one finds it live
    if (was_live) {
      note_free(shard, {object, page.facts().requested, page.sequence(index)});
      shard.pages.free(page, index);
      settle(shard, -std::int64_t{page.facts().rounded});
    }
  }
  if (!was_live) {
    reports_.add(ReportKind::double_free, Text() << call << " of " << describe(object));
  } else if (page.facts().charged) {
    cgroup_->uncharge(page.facts().rounded);
  }
}

SlabPage* Slab::page_of(const void* address) const noexcept {
  return has_pages_ ? SlabPage::of(address, page_seal_key()) : nullptr;
}

void Slab::free_block(const void* object, ObjectKind kind, const char* call) noexcept {
  ObjectHeader* header = claim_for_free(object, kind, call);
  if (header == nullptr) return;
  leave_books(*header);
  check_bounds(*header);
  if (header->charged) cgroup_->uncharge(header->rounded);
  // Seen by ThreadSanitizer: a free is an access to the whole object.
  if (config_.poison || config_.quarantine) {
    for (unsigned i = 0; i < header->instances; ++i) std::memset(header->instance(i), fill::freed, header->requested);
  }
  if (config_.quarantine) {
    quarantine(*header);
  } else {
    release(*header);
  }
}

void Slab::release(ObjectHeader& header) noexcept {
  void* block = header.block();
  const std::size_t bytes = header.block_bytes();
  asan::open(block, bytes);
  source_->release(block, bytes, header.alignment);
}

void Slab::quarantine(ObjectHeader& header) noexcept {
  asan::close(header.object(), header.span_bytes());
  std::deque<ObjectHeader*> pushed_out;
  {
    const tsan::Unseen books;
    const std::scoped_lock held(quarantine_lock_);
    quarantined_.push_back(&header);
    quarantined_bytes_ += header.block_bytes();
    while (quarantined_bytes_ > config_.quarantine_bytes && !quarantined_.empty()) {
      quarantined_bytes_ -= quarantined_.front()->block_bytes();
      pushed_out.push_back(quarantined_.front());
      quarantined_.pop_front();
    }
  }
  for (ObjectHeader* old : pushed_out) {
    check_freed(*old);
    release(*old);
  }
}

}  // namespace rcufarm::native
