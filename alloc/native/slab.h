// The slab: a machine's memory, and books of every object in it.
//
// Job: allocate, free, account, and say what is wrong. Each object is in the list of a shard (its allocating CPU's),
// so that threads seldom meet; ThreadSanitizer does not see the lists' locks (they would order threads that an
// allocator must not rely on). What is wrong becomes a report of the machine; the call then leaves the object alone.
// Any thread that is on the machine, outside nmi, except where said.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "kernel/types.h"
#include "native/backing.h"
#include "native/failures.h"
#include "native/obj_cgroup.h"
#include "native/object_header.h"
#include "native/reports.h"
#include "native/slab_config.h"
#include "native/slab_pages.h"
#include "native/spin.h"
#include "native/text.h"

namespace rcufarm::native {

struct LiveObject {
  const void* object;
  std::size_t requested_bytes;
  std::size_t rounded_bytes;
  ObjectKind kind;
  Holder holder;
  bool charged;
  std::uint64_t sequence;
  const void* site;
};

struct SlabStats {
  std::uint64_t allocations = 0;
  std::uint64_t frees = 0;
  std::uint64_t failures = 0;
  std::uint64_t live_objects = 0;
  std::uint64_t live_bytes = 0;  // rounded
  std::uint64_t peak_bytes = 0;  // of live_bytes; up to 16 KiB too low for each shard, unless there is a memory limit
};

class Slab {
 public:
  Slab(SlabConfig config, unsigned cpus, Reports& reports);
  ~Slab();
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  struct Request {
    std::size_t bytes;
    ObjectKind kind;
    kernel::ObjCgroup* cgroup;
    const void* site;
  };
  void* allocate(const Request& request, kernel::AllocFailure& why) noexcept;
  void free(const void* object, ObjectKind kind, const char* call) noexcept;

  // Any context, also nmi. Reported, and 0 or null, if it is no live object.
  std::size_t size_of(const void* object) noexcept;
  void* instance_of(void* object, kernel::Cpu cpu) noexcept;

  // Notes who has the object that begins at `address` or up to limits::interior_bytes_max before, and says who had it.
  // Nothing: there is none. Any context, also nmi.
  std::optional<Holder> mark(const void* address, Holder holder) noexcept;
  // Of what may be anything; no report. Any context, also nmi.
  bool is_live(const void* object) const noexcept;
  // Bytes that a live object was allocated with; 0 for anything else.
  std::size_t requested_bytes(const void* object) const noexcept;

  // What an address belongs to, in words. Takes time: looks through the books. In nmi only what can be told without.
  Text describe(const void* address) noexcept;

  // Everything that was not freed, in the order of `sequence`.
  std::vector<LiveObject> live();
  // The same for people: a line for each of the first `lines_max`, and how many more.
  std::string print_live(std::size_t lines_max = 20);
  SlabStats stats();

  // Reports writes to memory in quarantine. Also done when it is pushed out, and at the machine's end (too late to be
  // read, so call this).
  void check_quarantine();

  // The next n allocations fail. For harnesses; the plan of the settings goes on besides.
  void fail_next(std::uint64_t n) noexcept { failures_.demand(n); }

  // Null without SlabConfig::cgroup.
  kernel::ObjCgroup* cgroup() noexcept { return cgroup_.get(); }

 private:
  struct FreedObject {
    const void* object = nullptr;
    std::size_t bytes = 0;
    std::uint64_t sequence = 0;
  };

  struct alignas(64) Shard {
    BookLock lock;
    ObjectHeader* newest = nullptr;
    std::uint64_t allocations = 0;
    std::uint64_t frees = 0;
    std::int64_t unsettled_bytes = 0;  // not yet in total_bytes_
    std::array<FreedObject, limits::recent_frees> recent{};
    SlabPages pages;
  };

  void* allocate_block(const Request& request) noexcept;
  void free_block(const void* object, ObjectKind kind, const char* call) noexcept;
  // Null: out of memory, or past the memory limit.
  void* allocate_in_page(const Request& request) noexcept;
  void free_in_page(SlabPage& page, const void* object, ObjectKind kind, const char* call) noexcept;
  // The page of small objects that the address lies in, or null.
  SlabPage* page_of(const void* address) const noexcept;
  bool is_live_in_page(const void* object) const noexcept;
  std::uint64_t page_seal_key() const noexcept { return reinterpret_cast<std::uintptr_t>(this); }

  // A block for the request with its header filled in, but for what enter_books() adds. Null: out of memory.
  ObjectHeader* make(const Request& request) noexcept;
  std::size_t rounded_bytes(const Request& request) const noexcept;
  static unsigned shard_index() noexcept;
  // False: past the memory limit.
  bool enter_books(ObjectHeader& header) noexcept;
  void leave_books(ObjectHeader& header) noexcept;
  bool settle(Shard& shard, std::int64_t bytes) noexcept;
  void note_free(Shard& shard, const FreedObject& freed) noexcept;
  void* fail(kernel::AllocFailure& why, kernel::AllocFailure reason) noexcept;

  template <class Visitor>
  void for_each_live(Visitor visit) noexcept;
  Text describe_live(const void* address) noexcept;
  Text describe_home(const void* first_word) noexcept;

  // What kfree was given, judged before anything is changed.
  ObjectHeader* claim_for_free(const void* object, ObjectKind kind, const char* call) noexcept;
  ObjectHeader* live_header(const void* object, const char* call) noexcept;
  bool was_freed_recently(const void* object) noexcept;

  void check_bounds(const ObjectHeader& header) noexcept;
  void check_freed(const ObjectHeader& header) noexcept;
  void quarantine(ObjectHeader& header) noexcept;
  void release(ObjectHeader& header) noexcept;

  const SlabConfig config_;
  const bool has_pages_;
  const unsigned cpus_;
  Reports& reports_;
  const std::unique_ptr<MemorySource> source_;
  const std::unique_ptr<kernel::ObjCgroup> cgroup_;
  Failures failures_;
  std::array<Shard, limits::slab_shards> shards_;
  std::atomic<std::uint64_t> failed_{0};
  std::atomic<std::int64_t> total_bytes_{0};
  std::atomic<std::int64_t> peak_bytes_{0};

  BookLock quarantine_lock_;
  std::deque<ObjectHeader*> quarantined_;  // oldest first
  std::size_t quarantined_bytes_ = 0;
};

}  // namespace rcufarm::native
