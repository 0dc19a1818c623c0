#include "harness/sim/toy_allocator.h"

#include <array>
#include <new>
#include <utility>

#include "kernel/kernel.h"

namespace rcufarm::harness {

namespace {

using kernel::Order;
using kernel::RcuFlavor;

// What the callbacks share with destroy, on CPU 0's instance; the locks are for mistakes.
struct Shared {
  kernel::Atomic<int> in_flight{0};
  kernel::Plain<int> plain{0};
  kernel::Atomic<int> flag{0};
  kernel::Atomic<int> other{0};
  kernel::RawSpinLock first;
  kernel::RawSpinLock second;
};

struct Object : kernel::RcuHead {
  Shared* shared = nullptr;
  kernel::Plain<int> word;
};
constexpr std::size_t header = (sizeof(Object) + 15) / 16 * 16;
constexpr std::size_t hoard_max = 512;
constexpr std::size_t size_max = 4096;

struct Toy {
  kernel::PerCpu<Shared> shared;
  std::size_t size = 0;
  unsigned allocations = 0;
  unsigned given = 0;
  kernel::ObjCgroup* objcg = nullptr;
  Object* last = nullptr;  // that a mistake remembers
  std::array<Object*, hoard_max> hoard{};
  std::size_t hoarded = 0;

  Shared& common() { return shared.on(static_cast<kernel::Cpu>(0)); }
};

Toy& of(void* instance) { return *static_cast<Toy*>(instance); }
void* user_of(Object* object) { return reinterpret_cast<char*>(object) + header; }
Object* object_of(void* user) { return reinterpret_cast<Object*>(static_cast<char*>(user) - header); }

void add(kernel::Atomic<int>& count, int n, Order order) {
  while (true) {
    const int seen = count.load(Order::relaxed);
    if (count.compare_exchange(seen, seen + n, order)) return;
  }
}

// An object that two caches share by mistake. The run's: construct() forgets it.
Object* shared_spare = nullptr;

template <Mistake M>
struct Calls {
  static void construct(void* instance) {
    shared_spare = nullptr;
    new (instance) Toy;
  }
  static bool init(void* a, int size, bool percpu) {
    if (percpu) return false;
    Toy& toy = of(a);
    toy.size = static_cast<std::size_t>(size);
    toy.shared = kernel::PerCpu<Shared>::create(kernel::Gfp::kernel);
    if (!toy.shared) return false;
    toy.objcg = kernel::get_obj_cgroup_from_current();
    return true;
  }

  static Object* from_slab(const Toy& toy, std::size_t size) {
    constexpr auto gfp = M == Mistake::illegal_context ? kernel::Gfp::kernel : kernel::Gfp::nowait;
    kernel::AllocFailure why = kernel::AllocFailure::none;
    void* memory =
        kernel::kmalloc_node(header + (M == Mistake::wrong_size ? size / 2 : size), gfp, kernel::smp_processor_id(),
                             M == Mistake::not_charged ? nullptr : toy.objcg, why);
    return memory != nullptr ? new (memory) Object : nullptr;
  }

  static void* alloc(void* a, std::size_t size) {
    void* user = alloc_uncounted(a, size);
    if (user != nullptr) ++of(a).given;
    return user;
  }
  static void* alloc_uncounted(void* a, std::size_t size) {
    if (size == 0 || size > size_max) return nullptr;
    Toy& toy = of(a);
    ++toy.allocations;
    if constexpr (M == Mistake::spurious_null) {
      if (toy.allocations % 3 == 0) return nullptr;
    }
    if constexpr (M == Mistake::handed_out_twice || M == Mistake::reused_under_reader) {
      if (toy.last != nullptr && toy.size != 0) {
        Object* object = toy.last;
        if (M == Mistake::reused_under_reader) toy.last = nullptr;
        return user_of(object);
      }
    }
    if constexpr (M == Mistake::wrong_list) {
      if (shared_spare != nullptr) return user_of(std::exchange(shared_spare, nullptr));
    }
    if constexpr (M == Mistake::data_race) toy.common().plain.set(toy.common().plain.get() + 1);
    if constexpr (M == Mistake::double_lock) {
      const kernel::RawSpinLockGuard once(toy.common().first);
      const kernel::RawSpinLockGuard twice(toy.common().first);
    }
    if constexpr (M == Mistake::deadlock) {
      const kernel::RawSpinLockGuard outer(toy.common().first);
      const kernel::RawSpinLockGuard inner(toy.common().second);
    }
    if constexpr (M >= Mistake::store_before_load) meet(toy);
    if constexpr (M == Mistake::crash) *static_cast<volatile int*>(nullptr) = 0;
    Object* object = from_slab(toy, size);
    if (object == nullptr) return nullptr;
    object->shared = &toy.common();
    if constexpr (M == Mistake::freed_under_user) {
      if (toy.last != nullptr) kernel::kfree(toy.last);
      toy.last = object;
    }
    if constexpr (M == Mistake::handed_out_twice) toy.last = object;
    if constexpr (M == Mistake::corrupted_list) {
      reinterpret_cast<kernel::Plain<int>*>(reinterpret_cast<char*>(object) + (header + size + 7) / 8 * 8)->get();
    }
    return user_of(object);
  }
  // CPUs 0 and 1. All orders are too weak on purpose.
  static void meet(Toy& toy) {
    const unsigned cpu = static_cast<unsigned>(kernel::smp_processor_id());
    Shared& mine = toy.shared.on(static_cast<kernel::Cpu>(cpu % 2));
    Shared& theirs = toy.shared.on(static_cast<kernel::Cpu>(1 - cpu % 2));
    if constexpr (M == Mistake::store_before_store) {
      if (cpu == 0) {
        mine.other.store(1, Order::relaxed);
        mine.flag.store(1, Order::relaxed);
      } else if (theirs.flag.load(Order::acquire) != 0) {
        kernel::warn_on(theirs.other.load(Order::relaxed) == 0, "the flag comes without its data");
      }
      return;
    }
    mine.flag.store(1, Order::relaxed);
    if constexpr (M == Mistake::exchange_is_taken_for_fence) mine.other.exchange(1, Order::seq_cst);
    if (theirs.flag.load(Order::relaxed) != 0) return;
    const int before = toy.common().in_flight.exchange(1 + static_cast<int>(cpu), Order::relaxed);
    kernel::warn_on(before != 0 && before != 1 + static_cast<int>(cpu), "both are inside");
  }
  static void* cache_alloc(void* a) { return alloc(a, of(a).size); }
  static void* cache_alloc_flags(void* a, kernel::Gfp) { return alloc(a, of(a).size); }

  static void end_of_life(kernel::RcuHead* head) {
    auto* object = static_cast<Object*>(head);
    Shared* shared = object->shared;
    if constexpr (M != Mistake::leak) kernel::kfree(object);
    if constexpr (M == Mistake::freed_twice) kernel::kfree(object);
    if constexpr (M == Mistake::use_after_free) object->word.get();
    // Release: pairs with nothing where destroy waits by barriers; with destroy's loads where it counts.
    add(shared->in_flight, -1, Order::release);
  }
  static void after_tasks_trace(kernel::RcuHead* head) {
    if (kernel::rcu_trace_implies_rcu_gp()) return end_of_life(head);
    kernel::call_rcu(RcuFlavor::regular, head, &end_of_life);
  }
  static void defer(Object* object) {
    add(object->shared->in_flight, 1, Order::relaxed);
    kernel::call_rcu(RcuFlavor::tasks_trace, object, &after_tasks_trace);
    if constexpr (M == Mistake::queued_twice) kernel::call_rcu(RcuFlavor::tasks_trace, object, &after_tasks_trace);
  }

  static void free(void* a, void* user) {
    if (user == nullptr) return;
    Toy& toy = of(a);
    Object* object = object_of(user);
    if (toy.last == object) toy.last = nullptr;
    if constexpr (M == Mistake::warning) kernel::warn_on(toy.allocations > 0, "an object is freed");
    if constexpr (M == Mistake::misuse_report) {
      kernel::report_misuse({.call = "free", .what = "not an object of this allocator", .object = user});
    }
    if constexpr (M == Mistake::deadlock) {
      const kernel::RawSpinLockGuard outer(toy.common().second);
      const kernel::RawSpinLockGuard inner(toy.common().first);
    }
    if constexpr (M == Mistake::bad_free) return kernel::kfree(user);
    if constexpr (M == Mistake::returned_under_reader) return kernel::kfree(object);
    if constexpr (M == Mistake::wrong_list) {
      if (shared_spare == nullptr) {
        shared_spare = object;
        return;
      }
    }
    if constexpr (M == Mistake::memory_grows) {
      if (toy.hoarded < hoard_max) {
        toy.hoard[toy.hoarded++] = object;
        return;
      }
    }
    defer(object);
  }
  static void free_rcu(void* a, void* user) {
    if (user == nullptr) return;
    if constexpr (M == Mistake::reused_under_reader) {
      if (of(a).last == nullptr && of(a).size != 0) {
        of(a).last = object_of(user);
        return;
      }
    }
    free(a, user);
  }
  static void raw_free(void* user) {
    if (user != nullptr) kernel::kfree(object_of(user));
  }

  static void wait_for_callbacks(Toy& toy) {
    if constexpr (M == Mistake::callback_on_freed_cache) return;
    if constexpr (M == Mistake::freed_without_happens_before) {
      while (toy.common().in_flight.load(Order::relaxed) != 0) kernel::cpu_relax();
      return;
    }
    kernel::rcu_barrier(RcuFlavor::tasks_trace);
    kernel::rcu_barrier(RcuFlavor::regular);
  }
  static void destroy(void* a, bool) {
    Toy& toy = of(a);
    if (!toy.shared) return;
    if constexpr (M == Mistake::no_end) {
      while (toy.allocations > 0) kernel::cpu_relax();
    }
    if (M == Mistake::reused_under_reader && toy.last != nullptr) kernel::kfree(toy.last);
    wait_for_callbacks(toy);
    while (toy.hoarded > 0) kernel::kfree(toy.hoard[--toy.hoarded]);
    if constexpr (M == Mistake::freed_in_use) {
      const kernel::RawSpinLockGuard lock(toy.common().first);
      toy.shared.destroy();
    } else {
      toy.shared.destroy();
    }
    kernel::obj_cgroup_put(toy.objcg);
  }
  static SimAccounts accounts(const void* a) {
    const Toy& toy = *static_cast<const Toy*>(a);
    return {.pending = M == Mistake::pending_does_not_fall ? toy.allocations : 0,
            .allocs = toy.given + (M == Mistake::wrong_count ? 1 : 0)};
  }

  static constexpr SimAllocator table{
      .name = "toy",
      .bytes = sizeof(Toy),
      .align = alignof(Toy),
      .header_bytes = header,
      .construct = &construct,
      .init = &init,
      .alloc = &alloc,
      .cache_alloc = &cache_alloc,
      .cache_alloc_flags = &cache_alloc_flags,
      .free = &free,
      .cache_free = &free,
      .free_rcu = &free_rcu,
      .cache_free_rcu = &free_rcu,
      .raw_free = &raw_free,
      .destroy = &destroy,
      .accounts = &accounts,
      .ready = nullptr,
      .size_max = size_max,
      .percpu = false,
      .state = nullptr,
  };
};

template <std::size_t... I>
constexpr auto tables(std::index_sequence<I...>) {
  return std::array<const SimAllocator*, sizeof...(I)>{&Calls<static_cast<Mistake>(I)>::table...};
}

}  // namespace

const SimAllocator& toy_allocator(Mistake mistake) {
  static constexpr auto all = tables(std::make_index_sequence<mistake_count>());
  return *all[static_cast<unsigned>(mistake)];
}

}  // namespace rcufarm::harness
