// The allocator over each backing of the slab: every kind of allocator, through every list, to the end.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <vector>

#include "mem/mem_alloc.h"
#include "native/rcu_test_support.h"

namespace rcufarm::native::test {
namespace {

using mem::Error;
using mem::MemAlloc;
using mem::Statistics;

enum class Kind : std::uint8_t { fixed, percpu, classes };

struct BackedCase {
  Backing backing;
  Kind kind;
};

constexpr int size = 200;  // bytes of every object

class MemOn : public testing::TestWithParam<BackedCase> {
 protected:
  static MachineConfig config() {
    MachineConfig c = config_with(false);
    c.slab.backing = GetParam().backing;
    c.slab.poison = c.slab.backing != Backing::pages;
    return c;
  }
  bool by_size() const { return GetParam().kind == Kind::classes; }
  Error init() { return ma_.init(by_size() ? 0 : size, GetParam().kind == Kind::percpu); }
  void* alloc() { return by_size() ? ma_.alloc(size) : ma_.cache_alloc(); }
  void free(void* p) { by_size() ? ma_.free(p) : ma_.cache_free(p); }
  void free_rcu(void* p) { by_size() ? ma_.free_rcu(p) : ma_.cache_free_rcu(p); }

  template <class Visit>
  void for_instances(void* p, Visit visit) {
    if (GetParam().kind != Kind::percpu) return visit(static_cast<unsigned char*>(p));
    void* instances = *static_cast<void**>(p);
    for (unsigned cpu = 0; cpu < kernel::nr_cpus(); ++cpu) {
      visit(static_cast<unsigned char*>(kernel::per_cpu_ptr(instances, static_cast<Cpu>(cpu))));
    }
  }
  void fill(void* p, std::size_t number) {
    for_instances(p, [&](unsigned char* memory) { std::memset(memory, static_cast<int>(number % 251), size); });
  }
  void expect_filled(void* p, std::size_t number) {
    std::array<unsigned char, size> expected;
    expected.fill(static_cast<unsigned char>(number % 251));
    for_instances(p,
                  [&](unsigned char* memory) { EXPECT_EQ(std::memcmp(memory, expected.data(), size), 0) << number; });
  }

  Machine machine_{config()};
  CpuOwner cpu_{machine_, Cpu{0}};
  MemAlloc ma_;
};
std::string name_of(Backing backing) {
  switch (backing) {
    case Backing::malloc: return "malloc";
    case Backing::mimalloc: return "mimalloc";
    case Backing::arena: return "arena";
    case Backing::pages: return "pages";
  }
  return "unknown";
}

std::string name_of(Kind kind) {
  switch (kind) {
    case Kind::fixed: return "fixed";
    case Kind::percpu: return "percpu";
    case Kind::classes: return "classes";
  }
  return "unknown";
}

void PrintTo(const BackedCase& test, std::ostream* out) { *out << name_of(test.backing) << "_" << name_of(test.kind); }

std::vector<BackedCase> all_cases() {
  std::vector<BackedCase> cases;
  for (const Backing backing : {Backing::malloc, Backing::mimalloc, Backing::arena, Backing::pages}) {
    for (const Kind kind : {Kind::fixed, Kind::percpu, Kind::classes}) cases.push_back({backing, kind});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Backings, MemOn, testing::ValuesIn(all_cases()),
                         [](const testing::TestParamInfo<BackedCase>& info) {
                           return testing::PrintToString(info.param);
                         });

// Three rounds, so that the slab hands memory out again; on two CPUs, so that it comes back from the other one.
TEST_P(MemOn, ObjectsKeepTheirBytesAndComeBack) {
  constexpr std::size_t count = 300;
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(init(), Error::none);
    std::vector<void*> objects;
    for (std::size_t i = 0; i < count; ++i) {
      objects.push_back(alloc());
      ASSERT_NE(objects.back(), nullptr);
      fill(objects.back(), i);
    }
    EXPECT_GT(ma_.statistics().refills, 0);
    cpu_.migrate(Cpu{round % 2 == 0 ? 1U : 0U});
    for (std::size_t i = 0; i < count; ++i) {
      expect_filled(objects[i], i);
      i % 2 == 0 ? free(objects[i]) : free_rcu(objects[i]);
    }
    const Statistics s = ma_.statistics();
    EXPECT_EQ(s.allocs, static_cast<std::int64_t>(count));
    EXPECT_EQ(s.frees + s.frees_rcu, static_cast<std::int64_t>(count));
    EXPECT_GT(s.trims, 0);
    ma_.destroy();
    machine_.flush_workqueue();
    EXPECT_EQ(machine_.slab().live().size(), 0U) << machine_.slab().print_live();
  }
  EXPECT_EQ(machine_.slab().stats().live_bytes, 0U);
  EXPECT_EQ(machine_.reports().count(), 0U) << machine_.reports().print();
}

// Memory that went back to the slab after its grace periods is what the next refill gets.
TEST_P(MemOn, MemoryThatWentBackIsUsedAgain) {
  ASSERT_EQ(init(), Error::none);
  std::uint64_t peak = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<void*> objects;
    for (int i = 0; i < 200; ++i) objects.push_back(alloc());
    for (void* p : objects) {
      ASSERT_NE(p, nullptr);
      free_rcu(p);
    }
    // Regular, tasks-trace, regular: from free_rcu to the slab. What comes during a grace period waits for the next.
    for (int i = 0; i < 2; ++i) {
      free_rcu(alloc());
      kernel::rcu_barrier(RcuFlavor::regular);
      kernel::rcu_barrier(RcuFlavor::tasks_trace);
      kernel::rcu_barrier(RcuFlavor::regular);
    }
    if (round == 4) peak = machine_.slab().stats().live_objects;
  }
  EXPECT_GT(ma_.statistics().to_slab, 0);
  EXPECT_LT(machine_.slab().stats().live_objects, 2 * peak + 400) << "it would grow with each round";
  ma_.destroy();
  machine_.flush_workqueue();
  EXPECT_EQ(machine_.slab().live().size(), 0U) << machine_.slab().print_live();
  EXPECT_EQ(machine_.reports().count(), 0U) << machine_.reports().print();
}

}  // namespace
}  // namespace rcufarm::native::test
