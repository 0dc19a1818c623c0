// The slab, per-CPU memory, whom an allocation is charged to; copies and fills; warnings.
#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <vector>

#include "linux/dtor.h"
#include "linux/shim.h"
#include "machine/engine/limits.h"

using namespace rcufarm;
using namespace rcufarm::linux_shim;

namespace {

// Never looked into: pointers that are not null, the same in every run.
obj_cgroup* const the_objcg = reinterpret_cast<obj_cgroup*>(std::uintptr_t{16});
mem_cgroup* const the_memcg = reinterpret_cast<mem_cgroup*>(std::uintptr_t{32});
mem_cgroup* const the_root = reinterpret_cast<mem_cgroup*>(std::uintptr_t{48});

// set_active_memcg() of each context. Of one run: an adapter's construct() forgets it.
std::array<mem_cgroup*, sim::context_count> active{};

// What has printed a line in this process: once is enough, where millions of runs come by. No run sees it.
constexpr std::size_t printed_most = 64;
std::vector<const void*> printed;

// KMALLOC_MIN_SIZE of the version.
std::size_t size_least = 8;

kernel::Gfp gfp_of(gfp_t gfp) { return gfpflags_allow_blocking(gfp) ? kernel::Gfp::kernel : kernel::Gfp::nowait; }

bool is_charged(gfp_t gfp) {
  return (gfp & __GFP_ACCOUNT) != 0 && active[sim::index_of(foreign::current_context())] == the_memcg;
}

}  // namespace

namespace rcufarm::linux_shim {
void begin_slab(std::size_t kmalloc_min_size) {
  active.fill(nullptr);
  size_least = kmalloc_min_size;
}

std::size_t backed(std::size_t bytes) { return bytes < sim::object_bytes_backed ? bytes : sim::object_bytes_backed; }

void* allocate(std::size_t bytes, gfp_t gfp, const sim::Site& site) {
  kernel::AllocFailure why = kernel::AllocFailure::none;
  void* object = sim::slab_alloc(bytes, gfp_of(gfp), is_charged(gfp), why, site);
  if (object != nullptr && (gfp & __GFP_ZERO) != 0) std::memset(object, 0, backed(bytes));
  return object;
}
}  // namespace rcufarm::linux_shim

extern "C" {

void* kmalloc_node(std::size_t bytes, gfp_t gfp, int) { return allocate(bytes, gfp, RCUFARM_CALLER); }
void* kmalloc_nolock(std::size_t bytes, gfp_t gfp, int) {
  return foreign::in_nmi() ? nullptr : allocate(bytes, gfp & ~__GFP_DIRECT_RECLAIM, RCUFARM_CALLER);
}
void* kmemdup(const void* from, std::size_t bytes, gfp_t gfp) {
  const sim::Site& site = RCUFARM_CALLER;
  void* copy = allocate(bytes, gfp, site);
  if (copy == nullptr) return nullptr;
  foreign::note_range(from, bytes, false, site);
  return std::memcpy(copy, from, backed(bytes));
}
void kfree(const void* object) {
  const sim::Site& site = RCUFARM_CALLER;
  if (ZERO_OR_NULL_PTR(object)) return;
  dtor_memory_freed(object, site);
  sim::slab_free(const_cast<void*>(object), site);
}
// The kernel's sizes, whatever the scenario's slab does: there is no kernel that rounds otherwise.
std::size_t ksize(const void* object) {
  return ZERO_OR_NULL_PTR(object) ? 0 : kmalloc_size_roundup(foreign::bytes_asked(object, RCUFARM_CALLER));
}
std::size_t __ksize(const void* object) {
  return object == ZERO_SIZE_PTR ? 0 : kmalloc_size_roundup(foreign::bytes_asked(object, RCUFARM_CALLER));
}
std::size_t kmalloc_size_roundup(std::size_t bytes) {
  // The two sizes between the powers of two are there as long as the least one is not larger than what they save.
  if (bytes > 64 && bytes <= 96 && size_least <= 32) return 96;
  if (bytes > 128 && bytes <= 192 && size_least <= 64) return 192;
  return bytes <= size_least ? size_least : std::size_t{1} << fls64(bytes - 1);
}

void* rcufarm_alloc_percpu(std::size_t bytes, gfp_t gfp, bool is_own) {
  const sim::Site& site = RCUFARM_CALLER;
  if (!is_own) {
    kernel::AllocFailure why = kernel::AllocFailure::none;
    return sim::percpu_alloc(bytes, gfp_of(gfp), is_charged(gfp), why, site);
  }
  std::size_t stride = 0;
  auto* memory = static_cast<char*>(sim::caches_alloc(bytes, stride, gfp_of(gfp), site));
  for (unsigned cpu = 0; memory != nullptr && cpu < sim::cpu_count(); ++cpu) {
    std::memset(memory + cpu * stride, 0, bytes);
  }
  return memory;
}
void free_percpu(void* memory) {
  if (memory != nullptr) foreign::free_percpu(memory, RCUFARM_CALLER);
}
void* rcufarm_per_cpu(const void* memory, unsigned cpu) {
  return foreign::percpu_instance(const_cast<void*>(memory), cpu);
}
void* rcufarm_this_cpu(const void* memory) {
  return foreign::percpu_instance(const_cast<void*>(memory), sim::this_cpu());
}
unsigned rcufarm_cpus() { return sim::cpu_count(); }
int smp_processor_id() { return static_cast<int>(sim::this_cpu()); }

mem_cgroup* root_mem_cgroup = the_root;
obj_cgroup* current_obj_cgroup() {
  const sim::Site& site = RCUFARM_CALLER;
  if (!sim::objcg_get(site)) return nullptr;
  sim::objcg_put(site);
  return the_objcg;
}
obj_cgroup* get_obj_cgroup_from_current() { return sim::objcg_get(RCUFARM_CALLER) ? the_objcg : nullptr; }
void obj_cgroup_get(obj_cgroup* objcg) {
  if (objcg != nullptr) sim::objcg_get(RCUFARM_CALLER);
}
void obj_cgroup_put(obj_cgroup* objcg) {
  if (objcg != nullptr) sim::objcg_put(RCUFARM_CALLER);
}
mem_cgroup* get_mem_cgroup_from_objcg(obj_cgroup*) { return the_memcg; }
void mem_cgroup_put(mem_cgroup*) {}
mem_cgroup* set_active_memcg(mem_cgroup* memcg) {
  mem_cgroup*& mine = active[sim::index_of(foreign::current_context())];
  mem_cgroup* before = mine;
  mine = memcg;
  return before;
}

void* rcufarm_memcpy(void* to, const void* from, std::size_t bytes) {
  const sim::Site& site = RCUFARM_CALLER;
  foreign::note_range(from, bytes, false, site);
  foreign::note_range(to, bytes, true, site);
  return std::memcpy(to, from, bytes);
}
void* rcufarm_memset(void* to, int byte, std::size_t bytes) {
  foreign::note_range(to, bytes, true, RCUFARM_CALLER);
  return std::memset(to, byte, bytes);
}
int rcufarm_memcmp(const void* a, const void* b, std::size_t bytes) {
  const sim::Site& site = RCUFARM_CALLER;
  foreign::note_range(a, bytes, false, site);
  foreign::note_range(b, bytes, false, site);
  return std::memcmp(a, b, bytes);
}

bool rcufarm_warn_on(bool condition, const char* text) {
  if (condition) sim::warn(text, RCUFARM_CALLER);
  return condition;
}
void rcufarm_printk(const char* format, ...) {
  const void* const place = __builtin_return_address(0);
  if (printed.size() >= printed_most || std::find(printed.begin(), printed.end(), place) != printed.end()) return;
  printed.push_back(place);
  std::va_list arguments;
  va_start(arguments, format);
  std::vfprintf(stderr, format, arguments);
  va_end(arguments);
}
}
