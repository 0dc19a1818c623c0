// The books of small objects in pages: they accuse what the header before an object accuses, and take little memory. Where a
// sanitizer watches, its own allocator has the objects and there are no pages (SlabPages::possible).
#include <set>
#include <vector>

#include "native/slab_pages.h"
#include "native/test_support.h"

#if !RCUFARM_ASAN && !RCUFARM_TSAN

namespace rcufarm::native::test {
namespace {

static_assert(SlabPages::possible);
constexpr std::size_t object_bytes = 72;

SlabConfig in_pages() { return {.backing = Backing::pages, .poison = false}; }

class SlabPagesOf : public testing::Test {
 protected:
  void expect_reports(ReportKind kind, std::uint64_t count) {
    EXPECT_EQ(machine.reports().count(kind), count) << machine.reports().print();
    EXPECT_EQ(machine.reports().count(), count) << machine.reports().print();
  }

  Machine machine{with(in_pages())};
  CpuOwner me{machine};
};

TEST_F(SlabPagesOf, ObjectsOfOneSizeTakeLittleMore) {
  constexpr std::size_t count = 1000;
  constexpr std::size_t bytes_of_each = 88;  // rounded to 80 for alignment, five of books, a share of the page's begin
  std::set<std::uintptr_t> pages;
  std::vector<void*> objects;
  for (std::size_t i = 0; i < count; ++i) {
    objects.push_back(allocate(object_bytes));
    pages.insert(reinterpret_cast<std::uintptr_t>(objects.back()) / slab_page_bytes);
    EXPECT_EQ(kernel::ksize(objects.back()), object_bytes);
  }
  EXPECT_LE((pages.size() - 1) * slab_page_bytes, count * bytes_of_each);
  for (void* object : objects) kernel::kfree(object);
  EXPECT_EQ(machine.slab().stats().live_objects, 0u);
  expect_reports(ReportKind::double_free, 0);
}

TEST_F(SlabPagesOf, MemoryThatCameBackIsUsedFirst) {
  std::set<void*> rounds[2];
  for (std::set<void*>& objects : rounds) {
    for (int i = 0; i < 500; ++i) objects.insert(allocate(object_bytes));
    for (void* object : objects) kernel::kfree(object);
  }
  EXPECT_EQ(rounds[0], rounds[1]);
}

TEST_F(SlabPagesOf, LargeAndPerCpuObjectsHaveAHeader) {
  kernel::AllocFailure why{};
  void* large = allocate(SlabPages::object_bytes_max + 1);
  void* per_cpu = kernel::alloc_percpu(8, Gfp::nowait, nullptr, why);
  EXPECT_EQ(kernel::ksize(large), SlabPages::object_bytes_max + 1);
  EXPECT_EQ(kernel::per_cpu_ptr(per_cpu, Cpu{0}), per_cpu);
  EXPECT_EQ(machine.slab().live().size(), 2u);
  kernel::kfree(large);
  kernel::free_percpu(per_cpu);
  expect_reports(ReportKind::foreign_free, 0);
}

TEST_F(SlabPagesOf, LiveObjectsAreListed) {
  void* first = allocate(50);
  void* gone = allocate(50);
  void* second = allocate(60);
  kernel::kfree(gone);
  EXPECT_EQ(machine.slab().mark(static_cast<char*>(first) + 8, Holder::user), Holder::unmarked);
  EXPECT_EQ(machine.slab().mark(first, Holder::user), Holder::user);
  const std::vector<LiveObject> live = machine.slab().live();
  ASSERT_EQ(live.size(), 2u);
  EXPECT_EQ(live[0].object, first);
  EXPECT_EQ(live[0].requested_bytes, 50u);
  EXPECT_EQ(live[0].rounded_bytes, 50u);
  EXPECT_EQ(live[0].holder, Holder::user);
  EXPECT_FALSE(live[0].charged);
  EXPECT_NE(live[0].site, nullptr);
  EXPECT_EQ(live[1].object, second);
  EXPECT_LT(live[0].sequence, live[1].sequence);
  EXPECT_NE(machine.slab().print_live().find("live object of 50 bytes"), std::string::npos);
  EXPECT_TRUE(machine.slab().is_live(first));
  EXPECT_FALSE(machine.slab().is_live(gone));
  EXPECT_EQ(machine.slab().requested_bytes(second), 60u);
  kernel::kfree(first);
  kernel::kfree(second);
}

TEST_F(SlabPagesOf, AnyAddressIsDescribed) {
  auto* object = static_cast<std::byte*>(allocate(96));
  const auto describe = [&](const void* address) { return std::string(machine.slab().describe(address).view()); };
  EXPECT_EQ(describe(object).find("live object of 96 bytes, sequence "), 0u) << describe(object);
  EXPECT_TRUE(describe(object + 8).ends_with(" (byte 8 of it)")) << describe(object + 8);
  kernel::kfree(object);
  EXPECT_EQ(describe(object).find("freed object of 96 bytes"), 0u) << describe(object);
  EXPECT_NE(describe(&machine).find("not of this slab"), std::string::npos);
}

TEST_F(SlabPagesOf, ADoubleFreeIsAccused) {
  void* object = allocate(object_bytes);
  kernel::kfree(object);
  kernel::kfree(opaque(object));
  expect_reports(ReportKind::double_free, 1);
  EXPECT_NE(machine.reports().print().find("kfree of freed object of 72 bytes"), std::string::npos);
  EXPECT_EQ(machine.slab().stats().frees, 1u);
}

TEST_F(SlabPagesOf, OfTwoThreadsThatFreeOneObjectOneIsAccused) {
  constexpr unsigned rounds = 100;
  for (unsigned i = 0; i < rounds; ++i) {
    void* object = allocate(object_bytes);
    const auto body = [&] {
      const CpuOwner owner(machine);
      kernel::kfree(object);
    };
    const Job a = run_on_pool(body);
    const Job b = run_on_pool(body);
  }
  expect_reports(ReportKind::double_free, rounds);
  EXPECT_EQ(machine.slab().stats().frees, rounds);
}

TEST_F(SlabPagesOf, TheFreeOfWhatIsNotTheirsIsAccused) {
  Machine other(with(in_pages()));
  auto* object = static_cast<std::byte*>(allocate(object_bytes));
  void* elsewhere = nullptr;
  const auto on_other = [&](auto body) {
    run_on_pool([&] {
      const CpuOwner owner(other);
      body();
    }).join();
  };
  on_other([&] { elsewhere = allocate(object_bytes); });
  kernel::kfree(opaque(elsewhere));
  kernel::kfree(opaque(object + 16));
  kernel::kfree(opaque(object + 3));
  kernel::kfree(
      reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(object) / slab_page_bytes * slab_page_bytes + 16));
  kernel::free_percpu(object);
  expect_reports(ReportKind::foreign_free, 5);
  EXPECT_EQ(machine.slab().live().size(), 1u);
  kernel::kfree(object);
  on_other([&] { kernel::kfree(elsewhere); });
  EXPECT_EQ(other.reports().count(), 0u);
}

TEST_F(SlabPagesOf, ChargesAndTheMemoryLimitHold) {
  SlabConfig config = in_pages();
  config.cgroup = true;
  config.memory_limit_bytes = 200;
  Machine limited(with(config));
  run_on_pool([&] {
    const CpuOwner owner(limited);
    kernel::ObjCgroup* objcg = kernel::get_obj_cgroup_from_current();
    void* charged = allocate(100, objcg);
    void* uncharged = allocate(100);
    EXPECT_EQ(objcg->charged_bytes(), 100u);
    EXPECT_EQ(allocate(100, objcg), nullptr);
    EXPECT_EQ(objcg->charged_bytes(), 100u);
    kernel::kfree(uncharged);
    EXPECT_EQ(objcg->charged_bytes(), 100u);
    kernel::kfree(charged);
    EXPECT_EQ(objcg->charged_bytes(), 0u);
    EXPECT_EQ(limited.slab().stats().live_bytes, 0u);
    kernel::obj_cgroup_put(objcg);
  }).join();
  EXPECT_EQ(limited.reports().count(), 0u) << limited.reports().print();
}

}  // namespace
}  // namespace rcufarm::native::test

#endif
