// What the slab's books accuse, and that they do not accuse the innocent. Where AddressSanitizer sees a mistake at
// once, that it does is the test.
#include <cstring>

#include "native/asan.h"
#include "native/fill.h"
#include "native/test_support.h"

namespace rcufarm::native::test {
namespace {

// Quarantine: what is freed stays mapped, so that these tests may look at it.
MachineConfig with_quarantine() { return with({.quarantine = true}); }

TEST(SlabBooks, ListWhatLives) {
  Machine machine(with({.rounding = Rounding::kmalloc_buckets, .cgroup = true}));
  const CpuOwner me(machine);
  kernel::AllocFailure why{};
  kernel::ObjCgroup* objcg = kernel::get_obj_cgroup_from_current();
  void* first = kernel::kmalloc_node(50, Gfp::nowait, Cpu{0}, objcg, why);
  void* gone = allocate(50);
  void* second = kernel::alloc_percpu(8, Gfp::nowait, nullptr, why);
  kernel::kfree(gone);
  EXPECT_TRUE(machine.slab().mark(static_cast<char*>(first) + 8, Holder::user));  // where a user's bytes begin

  const std::vector<LiveObject> live = machine.slab().live();
  ASSERT_EQ(live.size(), 2u);
  EXPECT_EQ(live[0].object, first);
  EXPECT_EQ(live[0].requested_bytes, 50u);
  EXPECT_EQ(live[0].rounded_bytes, 64u);
  EXPECT_EQ(live[0].kind, ObjectKind::kmalloc);
  EXPECT_EQ(live[0].holder, Holder::user);
  EXPECT_TRUE(live[0].charged);
  EXPECT_NE(live[0].site, nullptr);
  EXPECT_EQ(live[1].object, second);
  EXPECT_EQ(live[1].rounded_bytes, 24u);  // for each of three CPUs
  EXPECT_EQ(live[1].kind, ObjectKind::per_cpu);
  EXPECT_EQ(live[1].holder, Holder::unmarked);
  EXPECT_LT(live[0].sequence, live[1].sequence);
  EXPECT_NE(machine.slab().print_live().find("live object of 50 bytes"), std::string::npos);
  EXPECT_NE(machine.slab().print_live(1).find("and 1 more"), std::string::npos);

  kernel::kfree(first);
  kernel::free_percpu(second);
  kernel::obj_cgroup_put(objcg);
  EXPECT_EQ(machine.slab().print_live(), "");
}

TEST(SlabBooks, GiveLeakedMemoryBackWithTheMachine) {  // LeakSanitizer looks
  Machine machine;
  const CpuOwner me(machine);
  EXPECT_NE(allocate(100), nullptr);
  EXPECT_EQ(machine.slab().live().size(), 1u);
}

TEST(SlabBooks, AccuseADoubleFree) {
  Machine machine(with_quarantine());
  const CpuOwner me(machine);
  void* object = allocate(96);
  kernel::kfree(object);
  EXPECT_EQ(machine.reports().count(), 0u);
  kernel::kfree(opaque(object));
  EXPECT_EQ(machine.reports().count(ReportKind::double_free), 1u) << machine.reports().print();
  EXPECT_NE(machine.reports().print().find("kfree of freed object of 96 bytes"), std::string::npos);
  EXPECT_EQ(machine.slab().stats().frees, 1u);
}

TEST(SlabBooks, AccuseADoubleFreeWithoutQuarantine) {
  Machine machine(with({.backing = Backing::arena}));
  const CpuOwner me(machine);
  void* object = allocate(96);
  kernel::kfree(object);
  kernel::kfree(opaque(object));
  EXPECT_EQ(machine.reports().count(ReportKind::double_free), 1u) << machine.reports().print();
}

TEST(SlabBooks, OfTwoThreadsThatFreeOneObjectAccuseOne) {
  Machine machine(with_quarantine());
  constexpr int rounds = 100;
  for (int i = 0; i < rounds; ++i) {
    void* object = nullptr;
    {
      const CpuOwner me(machine);
      object = allocate(32);
    }
    const auto body = [&] {
      const CpuOwner me(machine);
      kernel::kfree(object);
    };
    const Job a = run_on_pool(body);
    const Job b = run_on_pool(body);
  }
  EXPECT_EQ(machine.reports().count(ReportKind::double_free), static_cast<unsigned>(rounds));
  EXPECT_EQ(machine.slab().stats().frees, static_cast<unsigned>(rounds));
}

TEST(SlabBooks, AccuseTheFreeOfWhatIsNotTheirs) {
  Machine machine;
  const CpuOwner me(machine);
  alignas(16) std::byte on_the_stack[64] = {};
  auto* object = static_cast<std::byte*>(allocate(96));
  kernel::kfree(opaque(on_the_stack + 32));
  kernel::kfree(opaque(object + 16));
  kernel::kfree(opaque(object + 3));
  kernel::kfree(reinterpret_cast<void*>(16));
  EXPECT_EQ(machine.reports().count(ReportKind::foreign_free), 4u) << machine.reports().print();
  EXPECT_NE(machine.reports().print().find("(byte 16 of it)"), std::string::npos) << machine.reports().print();
  EXPECT_NE(machine.reports().print().find("not of this slab"), std::string::npos);
  EXPECT_EQ(machine.slab().live().size(), 1u);
  kernel::kfree(object);
}

TEST(SlabBooks, AccuseTheWrongKindOfFree) {
  Machine machine;
  const CpuOwner me(machine);
  kernel::AllocFailure why{};
  void* object = allocate(32);
  void* per_cpu = kernel::alloc_percpu(32, Gfp::nowait, nullptr, why);
  kernel::free_percpu(object);
  kernel::kfree(per_cpu);
  EXPECT_EQ(machine.reports().count(ReportKind::foreign_free), 2u) << machine.reports().print();
  kernel::kfree(object);
  kernel::free_percpu(per_cpu);
  EXPECT_EQ(machine.reports().count(), 2u);
}

TEST(SlabBooks, AccuseQuestionsAboutWhatIsNotTheirs) {
  Machine machine;
  const CpuOwner me(machine);
  kernel::AllocFailure why{};
  alignas(16) std::byte on_the_stack[64] = {};
  EXPECT_EQ(kernel::ksize(opaque(on_the_stack + 32)), 0u);
  EXPECT_EQ(kernel::per_cpu_ptr(opaque(on_the_stack + 32), Cpu{0}), nullptr);
  void* per_cpu = kernel::alloc_percpu(8, Gfp::nowait, nullptr, why);
  EXPECT_EQ(kernel::per_cpu_ptr(per_cpu, Cpu{2}), nullptr);
  EXPECT_EQ(machine.reports().count(ReportKind::foreign_free), 3u) << machine.reports().print();
  kernel::free_percpu(per_cpu);
}

TEST(SlabBooksDeathTest, AccuseWritesBehindTheEnd) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Machine machine(with({.rounding = Rounding::sixteen_more}));
  const CpuOwner me(machine);
  auto* object = opaque(static_cast<unsigned char*>(allocate(61)));
  if constexpr (asan::enabled) {
    EXPECT_DEATH(object[61] = 1, "AddressSanitizer");
    kernel::kfree(object);
  } else {
    object[61] = 1;  // within what ksize says, but nobody asked for it
    kernel::kfree(object);
    EXPECT_EQ(machine.reports().count(ReportKind::write_out_of_bounds), 1u) << machine.reports().print();
  }
}

TEST(SlabBooksDeathTest, AccuseWritesBeforeTheBegin) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Machine machine;
  const CpuOwner me(machine);
  auto* object = opaque(static_cast<unsigned char*>(allocate(32)));
  if constexpr (asan::enabled) {
    EXPECT_DEATH(object[-1] = 1, "AddressSanitizer");
    kernel::kfree(object);
  } else {
    object[-1] = 1;
    kernel::kfree(object);
    EXPECT_EQ(machine.reports().count(ReportKind::write_out_of_bounds), 1u) << machine.reports().print();
  }
}

TEST(SlabBooksDeathTest, AccuseWritesBetweenPerCpuInstances) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Machine machine;
  const CpuOwner me(machine);
  kernel::AllocFailure why{};
  void* per_cpu = kernel::alloc_percpu(24, Gfp::nowait, nullptr, why);
  auto* first = opaque(static_cast<unsigned char*>(kernel::per_cpu_ptr(per_cpu, Cpu{0})));
  if constexpr (asan::enabled) {
    EXPECT_DEATH(first[24] = 1, "AddressSanitizer");
    kernel::free_percpu(per_cpu);
  } else {
    first[24] = 1;
    kernel::free_percpu(per_cpu);
    EXPECT_EQ(machine.reports().count(ReportKind::write_out_of_bounds), 1u) << machine.reports().print();
  }
}

TEST(SlabBooksDeathTest, AccuseWritesToQuarantine) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Machine machine(with_quarantine());
  const CpuOwner me(machine);
  auto* object = opaque(static_cast<unsigned char*>(allocate(64)));
  kernel::kfree(object);
  if constexpr (asan::enabled) {
    EXPECT_DEATH(object[40] = 1, "AddressSanitizer");
  } else {
    object[40] = 1;
    machine.settle();
    EXPECT_EQ(machine.reports().count(ReportKind::write_after_free), 1u) << machine.reports().print();
    EXPECT_NE(machine.reports().print().find("(byte 40 of it)"), std::string::npos) << machine.reports().print();
    object[40] = fill::freed;  // the machine's end looks again
  }
}

TEST(SlabBooksDeathTest, LetAddressSanitizerSeeAUseAfterFree) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Machine machine;
  const CpuOwner me(machine);
  auto* object = opaque(static_cast<unsigned char*>(allocate(64)));
  auto per_cpu = kernel::PerCpu<int>::create(Gfp::kernel);
  int* instance = opaque(&per_cpu.this_cpu());
  kernel::kfree(object);
  per_cpu.destroy();
  if constexpr (asan::enabled) {
    EXPECT_DEATH(object[0] = 1, "heap-use-after-free");
    EXPECT_DEATH(*instance = 1, "heap-use-after-free");
  }
  EXPECT_EQ(machine.reports().count(), 0u) << machine.reports().print();
}

TEST(SlabBooks, QuarantineIsBounded) {
  Machine machine(with({.quarantine = true, .quarantine_bytes = 4096}));
  const CpuOwner me(machine);
  for (int i = 0; i < 1000; ++i) kernel::kfree(allocate(100));
  kernel::kfree(allocate(8000));  // larger than all of it
  machine.settle();
  EXPECT_EQ(machine.reports().count(), 0u) << machine.reports().print();
}

TEST(SlabBooks, KeepFreedMemoryInQuarantine) {
  Machine machine(with_quarantine());
  const CpuOwner me(machine);
  void* object = allocate(64);
  kernel::kfree(object);
  for (int i = 0; i < 100; ++i) EXPECT_NE(allocate(64), object);
}

TEST(SlabBooks, DescribeAnyAddress) {
  Machine machine(with_quarantine());
  const CpuOwner me(machine);
  auto* object = static_cast<std::byte*>(allocate(96));
  const auto describe = [&](const void* address) { return std::string(machine.slab().describe(address).view()); };
  EXPECT_EQ(describe(object).find("live object of 96 bytes, sequence "), 0u) << describe(object);
  EXPECT_TRUE(describe(object + 8).ends_with(" (byte 8 of it)")) << describe(object + 8);
  const auto caches = kernel::PerCpu<std::uint64_t>::create(Gfp::kernel);
  *reinterpret_cast<const void**>(object) = &caches.on(Cpu{0});
  EXPECT_NE(describe(object).find(", of the per-CPU caches with sequence "), std::string::npos) << describe(object);
  machine.slab().mark(object, Holder::user);
  EXPECT_NE(describe(object).find("a user has it"), std::string::npos);
  kernel::kfree(object);
  EXPECT_EQ(describe(object).find("freed object of 96 bytes"), 0u) << describe(object);
  EXPECT_EQ(describe(nullptr), "null");
  EXPECT_NE(describe(&machine).find("not of this slab"), std::string::npos);
}

TEST(SlabBooks, MarkOnlyWhatLives) {
  Machine machine(with_quarantine());
  const CpuOwner me(machine);
  void* object = allocate(96);
  kernel::kfree(object);
  EXPECT_FALSE(machine.slab().mark(opaque(object), Holder::user));
}

}  // namespace
}  // namespace rcufarm::native::test
