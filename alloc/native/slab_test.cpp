#include <array>
#include <cstring>
#include <set>
#include <vector>

#include "native/rounding.h"
#include "native/test_support.h"

namespace rcufarm::native::test {
namespace {

static_assert(round_up(1, Rounding::exact) == 1 && round_up(96, Rounding::exact) == 96);
static_assert(round_up(1, Rounding::kmalloc_buckets) == 8 && round_up(9, Rounding::kmalloc_buckets) == 16);
static_assert(round_up(33, Rounding::kmalloc_buckets) == 64 && round_up(65, Rounding::kmalloc_buckets) == 96);
static_assert(round_up(97, Rounding::kmalloc_buckets) == 128 && round_up(129, Rounding::kmalloc_buckets) == 192);
static_assert(round_up(193, Rounding::kmalloc_buckets) == 256 && round_up(2049, Rounding::kmalloc_buckets) == 4096);
static_assert(round_up(4097, Rounding::kmalloc_buckets) == 8192);
static_assert(round_up(96, Rounding::sixteen_more) == 112 && round_up(97, Rounding::sixteen_more) == 128);

class SlabOn : public testing::TestWithParam<Backing> {};

SlabConfig on(Backing backing) { return {.backing = backing, .poison = backing != Backing::pages}; }

INSTANTIATE_TEST_SUITE_P(Backings, SlabOn,
                         testing::Values(Backing::malloc, Backing::mimalloc, Backing::arena, Backing::pages),
                         [](const auto& info) {
                           switch (info.param) {
                             case Backing::malloc: return std::string("malloc");
                             case Backing::mimalloc: return std::string("mimalloc");
                             case Backing::arena: return std::string("arena");
                             case Backing::pages: return std::string("pages");
                           }
                           return std::string();
                         });

TEST_P(SlabOn, ObjectsAreAlignedApartAndWritable) {
  Machine machine(with(on(GetParam())));
  const CpuOwner me(machine);
  std::vector<std::pair<unsigned char*, std::size_t>> objects;
  for (std::size_t bytes = 1; bytes < 100'000; bytes = bytes * 2 + 3) {
    for (int i = 0; i < 8; ++i) objects.emplace_back(static_cast<unsigned char*>(allocate(bytes)), bytes);
  }
  for (std::size_t i = 0; i < objects.size(); ++i) {
    ASSERT_NE(objects[i].first, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(objects[i].first) % 16, 0u);
    std::memset(objects[i].first, static_cast<int>(i % 251), objects[i].second);
  }
  for (std::size_t i = 0; i < objects.size(); ++i) {
    EXPECT_EQ(objects[i].first[0], i % 251);
    EXPECT_EQ(objects[i].first[objects[i].second - 1], i % 251);
    kernel::kfree(objects[i].first);
  }
  EXPECT_TRUE(machine.slab().live().empty());
  EXPECT_EQ(machine.reports().count(), 0u) << machine.reports().print();
}

// Allocated on one CPU, freed on another, many at once; the books stay right.
TEST_P(SlabOn, ObjectsMayBeFreedByAnotherThread) {
  constexpr int each = 400;
  SlabConfig config = on(GetParam());
  config.rounding = Rounding::kmalloc_buckets;
  Machine machine(with(config));
  kernel::LlistHead passing;
  std::atomic<int> freed{0};
  std::vector<Job> jobs;
  for (int t = 0; t < 2; ++t) {
    jobs.push_back(run_on_pool([&] {
      const CpuOwner me(machine);
      for (int i = 0; i < each; ++i) passing.add(new (allocate(16 + i % 100)) kernel::LlistNode);
    }));
  }
  jobs.push_back(run_on_pool([&] {
    const CpuOwner me(machine);
    wait_until([&] {
      for (kernel::LlistNode* node = passing.del_all(); node != nullptr; ++freed) {
        kernel::LlistNode* next = node->next.get();
        kernel::kfree(node);
        node = next;
      }
      return freed == 2 * each;
    });
  }));
  jobs.clear();
  const SlabStats stats = machine.slab().stats();
  EXPECT_EQ(stats.allocations, 2u * each);
  EXPECT_EQ(stats.frees, 2u * each);
  EXPECT_EQ(stats.live_objects, 0u);
  EXPECT_EQ(stats.live_bytes, 0u);
  EXPECT_EQ(machine.reports().count(), 0u) << machine.reports().print();
}

TEST_P(SlabOn, PerCpuMemoryIsZeroedAndApart) {
  Machine machine(with(on(GetParam())));
  const CpuOwner me(machine);
  kernel::AllocFailure why{};
  constexpr std::size_t bytes = 24;
  for (int round = 0; round < 3; ++round) {  // zeroed also when the memory was used before
    void* object = kernel::alloc_percpu(bytes, Gfp::kernel, nullptr, why);
    ASSERT_NE(object, nullptr);
    std::set<void*> instances;
    for (unsigned cpu = 0; cpu < 3; ++cpu) {
      auto* instance = static_cast<unsigned char*>(kernel::per_cpu_ptr(object, static_cast<Cpu>(cpu)));
      for (std::size_t i = 0; i < bytes; ++i) EXPECT_EQ(instance[i], 0);
      std::memset(instance, 0xff, bytes);
      instances.insert(instance);
    }
    EXPECT_EQ(instances.size(), 3u);
    EXPECT_EQ(*instances.begin(), object);
    kernel::free_percpu(object);
  }
  EXPECT_EQ(machine.reports().count(), 0u) << machine.reports().print();
}

TEST(Slab, KsizeIsWhatTheRoundingSays) {
  Machine exact(with({.rounding = Rounding::exact}));
  Machine buckets(with({.rounding = Rounding::kmalloc_buckets}));
  Machine more(with({.rounding = Rounding::sixteen_more}));
  for (auto [machine, expected] : {std::pair{&exact, 96u}, {&buckets, 96u}, {&more, 112u}}) {
    const CpuOwner me(*machine);
    void* object = allocate(96);
    EXPECT_EQ(kernel::ksize(object), expected);
    kernel::kfree(object);
  }
}

TEST(Slab, FreeingNullIsLegal) {
  Machine machine;
  const CpuOwner me(machine);
  kernel::kfree(nullptr);
  kernel::free_percpu(nullptr);
  EXPECT_EQ(machine.reports().count(), 0u);
}

TEST(Slab, FreshMemoryIsPoisonedUnlessThatIsOff) {
  Machine machine(with({}));
  const CpuOwner me(machine);
  auto* object = static_cast<unsigned char*>(allocate(64));
  for (int i = 0; i < 64; ++i) EXPECT_EQ(object[i], 0x5a);
  kernel::kfree(object);
}

std::string outcomes(Machine& machine, int count) {
  const CpuOwner me(machine);
  std::string text;
  for (int i = 0; i < count; ++i) {
    kernel::AllocFailure why{};
    void* object = kernel::kmalloc_node(16, Gfp::nowait, Cpu{0}, nullptr, why);
    EXPECT_EQ(object == nullptr, why == kernel::AllocFailure::slab);
    text += object == nullptr ? '1' : '0';
    kernel::kfree(object);
  }
  return text;
}

TEST(Slab, FailsAsPlanned) {
  Machine nth(with({.failures = {.nth = 3, .every = 0, .bits = {}}}));
  EXPECT_EQ(outcomes(nth, 6), "001000");
  Machine every(with({.failures = {.nth = 0, .every = 2, .bits = {}}}));
  EXPECT_EQ(outcomes(every, 6), "010101");
  Machine bits(with({.failures = {.nth = 0, .every = 0, .bits = "1101"}}));
  EXPECT_EQ(outcomes(bits, 6), "110100");
  Machine all(with({.failures = {.nth = 6, .every = 4, .bits = "1"}}));
  EXPECT_EQ(outcomes(all, 6), "100101");
  EXPECT_EQ(all.slab().stats().failures, 3u);
}

TEST(Slab, FailsOnDemand) {
  Machine machine;
  EXPECT_EQ(outcomes(machine, 2), "00");
  machine.slab().fail_next(2);
  EXPECT_EQ(outcomes(machine, 4), "1100");
}

TEST(Slab, CreatingAPerCpuAreaCanFail) {
  Machine machine;
  const CpuOwner me(machine);
  machine.slab().fail_next(1);
  auto failed = kernel::PerCpu<int>::create(Gfp::kernel);
  EXPECT_FALSE(failed);
  failed.destroy();
  auto made = kernel::PerCpu<int>::create(Gfp::kernel);
  EXPECT_TRUE(made);
  EXPECT_EQ(machine.slab().live().size(), 1u);
  made.destroy();
  EXPECT_TRUE(machine.slab().live().empty());
}

TEST(Slab, ChargesTheCgroupWithWhatKsizeSays) {
  Machine machine(with({.rounding = Rounding::sixteen_more, .cgroup = true, .cgroup_limit_bytes = 300}));
  const CpuOwner me(machine);
  kernel::ObjCgroup* objcg = kernel::get_obj_cgroup_from_current();
  ASSERT_NE(objcg, nullptr);
  void* first = allocate(96, objcg);
  EXPECT_EQ(objcg->charged_bytes(), 112u);
  kernel::AllocFailure why{};
  EXPECT_EQ(kernel::kmalloc_node(200, Gfp::nowait, Cpu{0}, objcg, why), nullptr);
  EXPECT_EQ(why, kernel::AllocFailure::cgroup);
  EXPECT_EQ(objcg->charged_bytes(), 112u);
  void* uncharged = allocate(200);
  EXPECT_NE(uncharged, nullptr);
  void* per_cpu = kernel::alloc_percpu(16, Gfp::nowait, objcg, why);  // 3 CPUs of 32 bytes
  ASSERT_NE(per_cpu, nullptr);
  EXPECT_EQ(objcg->charged_bytes(), 112u + 96u);
  kernel::kfree(first);
  kernel::kfree(uncharged);
  kernel::free_percpu(per_cpu);
  EXPECT_EQ(objcg->charged_bytes(), 0u);
  EXPECT_EQ(objcg->references(), 1);
  kernel::obj_cgroup_put(objcg);
  EXPECT_EQ(objcg->references(), 0);
}

TEST(Slab, AFailedAllocationIsNotCharged) {
  Machine machine(with({.cgroup = true, .memory_limit_bytes = 100}));
  const CpuOwner me(machine);
  kernel::ObjCgroup* objcg = kernel::get_obj_cgroup_from_current();
  EXPECT_EQ(allocate(200, objcg), nullptr);
  EXPECT_EQ(objcg->charged_bytes(), 0u);
  kernel::obj_cgroup_put(objcg);
}

TEST(Slab, HasNoCgroupUnlessItIsSet) {
  Machine machine;
  const CpuOwner me(machine);
  EXPECT_EQ(kernel::get_obj_cgroup_from_current(), nullptr);
}

TEST(Slab, KeepsToItsMemoryLimit) {
  Machine machine(with({.memory_limit_bytes = 100}));
  const CpuOwner me(machine);
  void* first = allocate(60);
  EXPECT_NE(first, nullptr);
  EXPECT_EQ(allocate(60), nullptr);
  EXPECT_EQ(machine.slab().stats().live_bytes, 60u);
  kernel::kfree(first);
  void* second = allocate(100);
  EXPECT_NE(second, nullptr);
  EXPECT_EQ(machine.slab().stats().peak_bytes, 100u);
  kernel::kfree(second);
}

TEST(Slab, RefusesSizesBeyondItsLimit) {
  Machine machine;
  const CpuOwner me(machine);
  EXPECT_EQ(allocate(~std::size_t{0}), nullptr);
  EXPECT_EQ(machine.slab().stats().failures, 1u);
}

TEST(Slab, SaysWhatIsWrongWithItsSettings) {
  EXPECT_EQ(problem_with(SlabConfig{}), "");
  EXPECT_NE(problem_with(SlabConfig{.quarantine_bytes = limits::quarantine_bytes_max + 1}), "");
  EXPECT_NE(problem_with(SlabConfig{.backing = Backing::pages}), "");
  EXPECT_NE(problem_with(SlabConfig{.backing = Backing::pages, .poison = false, .quarantine = true}), "");
  EXPECT_EQ(problem_with(SlabConfig{.backing = Backing::pages, .poison = false}), "");
}

}  // namespace
}  // namespace rcufarm::native::test
