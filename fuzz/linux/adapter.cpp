// The adapter: the kernel's allocator behind the harness' table.
#include <algorithm>
#include <array>
#include <cstring>

#include "harness/sim/sim_allocator.h"
#include "linux/dtor.h"
#include "machine/hooks/places.h"
#include "scenario/limits.h"
// Last: it defines names of its own.
#include "linux/shim.h"

extern "C" {
#include "linux/calls.h"
}

namespace rcufarm {

namespace {

const rcufarm_calls& calls() {
  static const rcufarm_calls table = rcufarm_linked_calls();
  return table;
}

// In front of a user's bytes: the list node. From 4096 bytes on there is no class.
constexpr std::size_t header = sizeof(void*);
constexpr std::size_t class_most = 4096;

// Per-CPU allocators of no fixed size, as far as the version has them: every second size is asked of one. Of this run.
struct AnySize {
  const void* ma = nullptr;
  int size = 0;
};
std::array<AnySize, scenario::limits.caches_max> any_size{};
int size_asked_of(const void* ma) {
  for (const AnySize& one : any_size) {
    if (one.ma == ma) return one.size;
  }
  return 0;
}
bool is_for_any_size(int size, bool percpu) {
  return percpu && calls().init_percpu_of_any_size != nullptr && size > 0 && size <= static_cast<int>(class_most) &&
         (size - 1) / static_cast<int>(header) % 2 == 1;
}

bool init_either(void* ma, int size, bool percpu) {
  if (!is_for_any_size(size, percpu)) return calls().init(ma, size, percpu) == 0;
  *std::find_if(any_size.begin(), any_size.end(), [](const AnySize& one) { return one.ma == nullptr; }) = {ma, size};
  return calls().init_percpu_of_any_size(ma, size) == 0;
}

bool init(void* ma, int size, bool percpu) {
  if (!init_either(ma, size, percpu)) return false;
  // A quarter of those of one size, as maps are: each run of a destructor is a step more, for every object that a destroy finds.
  constexpr int one_in = 4;
  const bool has_dtor = size > 0 && (size - 1) / static_cast<int>(header) % one_in == 0;
  if (calls().set_dtor == nullptr || !has_dtor) return true;
  void* context = linux_shim::new_dtor_context(ma);
  if (context != nullptr) calls().set_dtor(ma, linux_shim::run_dtor, linux_shim::free_dtor_context, context);
  return true;
}

void* handed_out(const void* ma, void* object) {
  if (object != nullptr) linux_shim::dtor_handed_out(ma, object);
  return object;
}

using Free = void (*rcufarm_calls::*)(void*, void*);
// OfAnySize: the call for an allocator of no fixed size.
template <Free Call, Free OfAnySize = Call>
void freed(void* ma, void* object) {
  linux_shim::dtor_freed(object);
  (calls().*(size_asked_of(ma) != 0 ? OfAnySize : Call))(ma, object);
}
// Null where the version has no such call.
template <Free Call, Free OfAnySize = Call>
auto freed_by() {
  return calls().*Call == nullptr ? nullptr : &freed<Call, OfAnySize>;
}

void* cache_alloc(void* ma) {
  const int size = size_asked_of(ma);
  return handed_out(ma, size != 0 ? calls().alloc(ma, static_cast<std::size_t>(size)) : calls().cache_alloc(ma));
}
void* cache_alloc_flags(void* ma, kernel::Gfp gfp) {
  if (size_asked_of(ma) != 0) return cache_alloc(ma);  // it has no such call
  return handed_out(ma, calls().cache_alloc_flags(ma, gfp == kernel::Gfp::kernel));
}

harness::SimAllocator table_of(const rcufarm_calls& c) {
  using Calls = rcufarm_calls;
  return {
      .name = "kernel/bpf/memalloc.c",
      .bytes = c.bytes,
      .align = alignof(std::max_align_t),
      .header_bytes = header,
      .construct = [](void* ma) { std::memset(ma, 0, calls().bytes); },
      .init = init,
      .alloc = [](void* ma, std::size_t size) { return handed_out(ma, calls().alloc(ma, size)); },
      .cache_alloc = cache_alloc,
      .cache_alloc_flags = c.cache_alloc_flags == nullptr ? nullptr : cache_alloc_flags,
      .free = freed_by<&Calls::free>(),
      .cache_free = freed_by<&Calls::cache_free, &Calls::free>(),
      .free_rcu = freed_by<&Calls::free_rcu>(),
      .cache_free_rcu = freed_by<&Calls::cache_free_rcu, &Calls::free_rcu>(),
      .raw_free = c.raw_free == nullptr ? nullptr
                                        : +[](void* object) {
                                            linux_shim::dtor_freed_raw(object);
                                            calls().raw_free(object);
                                          },
      .destroy = [](void* ma, bool) { calls().destroy(ma); },
      .accounts = nullptr,
      .ready = nullptr,
      .size_max = class_most - header,
      .percpu = true,
      .state = nullptr,
      .orders_by_cpp = false,
      .charges = c.charges,
      .place_of =
          [](const void* return_address) {
            const sim::Site& site = hooks::place_of(return_address);
            return std::strstr(site.file, "kernel/bpf/") != nullptr ? site : sim::Site{};
          },
      .announced = true,
      .trace_implies_rcu_gp = c.trace_implies_rcu_gp == 2 ? std::nullopt : std::optional(c.trace_implies_rcu_gp == 1),
      .readers = static_cast<oracle::Readers>(c.readers),
      .irq_work_in_thread = c.irq_work_in_thread,
      .begin_run =
          [] {
            linux_shim::begin_slab(calls().kmalloc_min_size);
            linux_shim::begin_kmem_caches();
            linux_shim::begin_dtors();
            any_size.fill({});
          },
  };
}

}  // namespace

namespace harness {
const SimAllocator& linked_sim_allocator() {
  static const SimAllocator table = table_of(calls());
  return table;
}
}  // namespace harness

}  // namespace rcufarm
