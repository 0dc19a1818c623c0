// Memory: each way to misuse it is found, at the very access; and what the slab's settings do.
#include "machine/lab.h"

namespace rcufarm::sim {
namespace {

using Field = kernel::Plain<int>;

struct MemoryTest : testing::Test {
  Lab lab;
  Cell<Atomic<int>> x;
  MemoryTest() { lab.cell(x); }

  static void* take(std::size_t bytes = 16, bool charge = false, kernel::AllocFailure* failure = nullptr) {
    kernel::AllocFailure why{};
    kernel::ObjCgroup* group = charge ? kernel::get_obj_cgroup_from_current() : nullptr;
    void* memory = kernel::kmalloc_node(bytes, Gfp::nowait, kernel::Cpu{0}, group, why);
    if (failure != nullptr) *failure = why;
    return memory;
  }
  static void write(void* memory, std::size_t offset = 0) {
    reinterpret_cast<Field*>(static_cast<char*>(memory) + offset)->set(1);
  }
  ViolationKind found(Lab::Body body) {
    lab.task(0, std::move(body));
    return lab.once().violation.kind;
  }
};

TEST_F(MemoryTest, CorrectUseIsNotAccused) {
  EXPECT_EQ(found([] {
              void* memory = take();
              write(memory);
              write(memory, 8);
              kernel::kfree(memory);
              kernel::kfree(nullptr);
            }),
            ViolationKind::none);
  EXPECT_EQ(lab.machine.live_objects(), 0U);
}

TEST_F(MemoryTest, UseAfterFree) {
  lab.task(0, [&] {
    void* memory = take();
    kernel::kfree(memory);
    write(memory);
  });
  const Outcome outcome = lab.once();
  EXPECT_EQ(outcome.violation.kind, ViolationKind::use_after_free);
  EXPECT_EQ(outcome.violation.first.op, Op::slab_free);
  EXPECT_EQ(outcome.violation.second.op, Op::plain_store);
  EXPECT_EQ(outcome.violation.object, 1U);
}

// The check is made after the point: the free that comes between a context's arrival at the access and the access counts.
TEST_F(MemoryTest, UseAfterFreeIsExact) {
  void* memory = nullptr;
  lab.first([&] { memory = take(); });
  lab.task(0, [&] { (void)reinterpret_cast<Atomic<int>*>(memory)->load(Order::relaxed); });
  lab.task(1, [&] { kernel::kfree(memory); });
  const Lab::Counts counts = lab.all(any_number);
  EXPECT_EQ(counts, (Lab::Counts{{"unordered-free", 1}, {"use-after-free", 1}})) << "one for each of the two orders";
}

TEST_F(MemoryTest, PastTheEnd) {
  EXPECT_EQ(found([] { write(take(16), 16); }), ViolationKind::out_of_bounds);
}
TEST_F(MemoryTest, NullPointer) {
  EXPECT_EQ(found([] { (void)plain_load(nullptr, Site::here()); }), ViolationKind::out_of_bounds);
}
// A field of a struct that is not there is as much of null as its first word.
TEST_F(MemoryTest, WhatIsNearNullIsANullPointer) {
  for (const std::uintptr_t address : {0UL, 1304UL, 4088UL}) {
    lab.first([address] { (void)plain_load(reinterpret_cast<const Word*>(address), Site::here()); });
    EXPECT_STREQ(lab.once().violation.text, null_pointer_text) << address;
  }
  lab.first([] { (void)plain_load(reinterpret_cast<const Word*>(4096UL), Site::here()); });
  EXPECT_STREQ(lab.once().violation.text, "memory that was never handed out");
}
TEST_F(MemoryTest, PointerFromUndefinedMemory) {
  EXPECT_EQ(found([] {
              auto* node = static_cast<kernel::LlistNode*>(take());
              (void)node->next.get()->next.get();
            }),
            ViolationKind::out_of_bounds);
}
TEST_F(MemoryTest, DoubleFree) {
  EXPECT_EQ(found([] {
              void* memory = take();
              kernel::kfree(memory);
              kernel::kfree(memory);
            }),
            ViolationKind::double_free);
}
TEST_F(MemoryTest, FreeOfTheMiddle) {
  EXPECT_EQ(found([] { kernel::kfree(static_cast<char*>(take(64)) + 8); }), ViolationKind::bad_free);
}
TEST_F(MemoryTest, FreeOfWhatIsNotTheSlabs) {
  int local = 0;
  EXPECT_EQ(found([&] { kernel::kfree(&local); }), ViolationKind::bad_free);
}
TEST_F(MemoryTest, FreeWithTheWrongFunction) {
  EXPECT_EQ(found([] { kernel::free_percpu(take()); }), ViolationKind::bad_free);
}

// ---- a free is an access to all of it --------------------------------------------------------------------------------

struct FreeOrder : MemoryTest {
  void* memory = nullptr;
  Lab::Counts with(Order clear, Order look) {
    lab.first([this] { memory = take(); });
    lab.task(0, [=, this] {
      (void)reinterpret_cast<Atomic<int>*>(memory)->exchange(1, Order::relaxed);
      x->store(1, clear);
    });
    lab.task(1, [=, this] {
      if (x->load(look) == 1) kernel::kfree(memory);
    });
    return lab.all(any_number);
  }
};
TEST_F(FreeOrder, ReleaseAndAcquire) { EXPECT_EQ(with(Order::release, Order::acquire).size(), 1U); }
TEST_F(FreeOrder, RelaxedClear) { EXPECT_GT(with(Order::relaxed, Order::acquire).count("unordered-free"), 0U); }
TEST_F(FreeOrder, RelaxedLook) { EXPECT_GT(with(Order::release, Order::relaxed).count("unordered-free"), 0U); }

// Without the check of order the search goes on to what comes of it.
TEST_F(FreeOrder, CheckCanBeTurnedOff) {
  lab.settings.check_order = false;
  const Lab::Counts counts = with(Order::relaxed, Order::relaxed);
  EXPECT_EQ(counts.size(), 1U);
  EXPECT_EQ(counts.count("finished"), 1U);
}

// Of several CPUs that touched a word, the one that is not ordered is named.
TEST_F(FreeOrder, NamesTheAccessThatIsNotOrdered) {
  lab.settings.cpus = 4;
  Cell<Atomic<int>> y;
  lab.cell(y);
  lab.first([this] { memory = take(); });
  const auto touch = [&](Atomic<int>& flag, Order order) {
    (void)reinterpret_cast<Atomic<int>*>(memory)->load(Order::relaxed);
    flag.store(1, order);
  };
  lab.task(0, [&] { touch(*x, Order::release); });
  lab.task(1, [&] { touch(*y, Order::relaxed); });
  lab.task(2, [&] {
    if (x->load(Order::acquire) == 1 && y->load(Order::acquire) == 1) kernel::kfree(memory);
  });
  const Outcome outcome = lab.once();
  ASSERT_EQ(outcome.violation.kind, ViolationKind::unordered_free);
  EXPECT_EQ(outcome.violation.first.context, task_context(1));
}

TEST_F(FreeOrder, TouchesConflictWithFreesOnly) {
  lab.first([this] { memory = take(); });
  lab.task(0, [&] { lab.machine.touch(memory, false); });
  lab.task(1, [&] {
    lab.machine.touch(memory, true);
    kernel::kfree(memory);
  });
  EXPECT_EQ(lab.all(any_number).count("data-race"), 0U);
  EXPECT_EQ(lab.once().violation.kind, ViolationKind::unordered_free);
}

TEST_F(FreeOrder, ObjectIsPublishedLikeAnythingElse) {
  lab.task(0, [&] {
    memory = take();
    x->store(1, Order::relaxed);
  });
  lab.task(1, [&] {
    if (x->load(Order::acquire) == 1) write(memory);
  });
  EXPECT_EQ(lab.once().violation.kind, ViolationKind::data_race) << "the allocation is not before the write";
}

// ---- what is queued or held in memory that is freed --------------------------------------------------------------------

struct Queued : MemoryTest {
  template <class T>
  static T* make() {
    return new (take(sizeof(T))) T;
  }
};

TEST_F(Queued, RcuHead) {
  EXPECT_EQ(found([] {
              auto* head = make<kernel::RcuHead>();
              kernel::call_rcu(RcuFlavor::regular, head, [](kernel::RcuHead*) {});
              kernel::kfree(head);
            }),
            ViolationKind::freed_while_queued);
}
TEST_F(Queued, CallbackMayFreeItsOwnHead) {
  EXPECT_EQ(found([] {
              auto* head = make<kernel::RcuHead>();
              kernel::call_rcu(RcuFlavor::regular, head, [](kernel::RcuHead* self) { kernel::kfree(self); });
            }),
            ViolationKind::none);
}
TEST_F(Queued, WorkMayFreeItself) {
  EXPECT_EQ(found([] {
              auto* work = make<kernel::WorkStruct>();
              work->init([](kernel::WorkStruct* self) { kernel::kfree(self); });
              kernel::queue_work(work);
            }),
            ViolationKind::none);
  EXPECT_EQ(lab.machine.live_objects(), 0U);
}
TEST_F(Queued, WorkTwice) {
  EXPECT_EQ(found([] {
              auto* work = make<kernel::WorkStruct>();
              work->init([](kernel::WorkStruct*) {});
              kernel::queue_work(work);
              kernel::queue_work(work);
            }),
            ViolationKind::queued_twice);
}
TEST_F(Queued, IrqWork) {
  EXPECT_EQ(found([] {
              auto* work = make<kernel::IrqWork>();
              work->init([](kernel::IrqWork*) {});
              const IrqGuard off;
              kernel::irq_work_queue(work);
              kernel::kfree(work);
            }),
            ViolationKind::freed_while_queued);
}
TEST_F(Queued, IrqWorkThatFreesItself) {
  EXPECT_EQ(found([] {
              auto* work = make<kernel::IrqWork>();
              work->init([](kernel::IrqWork* self) { kernel::kfree(self); });
              kernel::irq_work_queue(work);
            }),
            ViolationKind::freed_while_queued);
}
TEST_F(Queued, Lock) {
  EXPECT_EQ(found([] {
              auto* lock = make<RawSpinLock>();
              const RawSpinLockGuard guard(*lock);
              kernel::kfree(lock);
            }),
            ViolationKind::freed_while_locked);
}

// ---- single nodes taken while somebody takes all: a node that was freed is read -------------------------------------

TEST_F(MemoryTest, DelFirstBesideDelAllReadsFreedNodes) {
  Cell<kernel::LlistHead> list;
  lab.cell(list);
  lab.first([&] {
    for (int i = 0; i < 2; ++i) list->add(static_cast<kernel::LlistNode*>(take()));
  });
  lab.task(0, [&] { (void)list->del_first(); });
  lab.task(1, [&] {
    for (kernel::LlistNode* node = list->del_all(); node != nullptr;) {
      kernel::LlistNode* next = node->next.get();
      kernel::kfree(node);
      node = next;
    }
  });
  EXPECT_GT(lab.all(1).count("use-after-free"), 0U);
}

// An index that is one off meets a guard, on either side, and not another CPU's instance.
TEST_F(MemoryTest, CachesAreGuarded) {
  struct Caches {
    Field words[150];
  };
  const auto access = [](int index) {
    return [index] {
      auto caches = kernel::PerCpu<Caches>::create(Gfp::kernel);
      Field* words = caches.on(kernel::Cpu{1}).words;
      words[149].set(1);
      (void)plain_load(reinterpret_cast<const Word*>(words) + index, Site::here());
      caches.destroy();
    };
  };
  for (const auto& [index, kind] : {std::pair{0, ViolationKind::none},
                                    {149, ViolationKind::none},
                                    {150, ViolationKind::out_of_bounds},
                                    {-1, ViolationKind::out_of_bounds},
                                    {-150, ViolationKind::out_of_bounds}}) {
    Lab one;
    one.task(0, access(index));
    const Violation violation = one.once().violation;
    EXPECT_EQ(violation.kind, kind) << index;
    EXPECT_EQ(violation.object, kind == ViolationKind::none ? 0U : 1U) << index;
  }
}

// ---- settings --------------------------------------------------------------------------------------------------------

TEST_F(MemoryTest, NeverReuses) {
  EXPECT_EQ(found([] {
              void* first = take();
              kernel::kfree(first);
              EXPECT_NE(take(), first);
            }),
            ViolationKind::none);
}
TEST_F(MemoryTest, ReusesLastInFirstOut) {
  lab.settings.slab_reuse = SlabReuse::lifo;
  EXPECT_EQ(found([] {
              void* a = take();
              void* b = take();
              kernel::kfree(a);
              kernel::kfree(b);
              EXPECT_EQ(take(), b);
              EXPECT_EQ(take(), a);
              write(a);
            }),
            ViolationKind::none);
  EXPECT_EQ(lab.machine.object_count(), 4U);
  EXPECT_EQ(lab.machine.live_objects(), 2U);
}

TEST_F(MemoryTest, KsizeIsRoundedAsTheSettingsSay) {
  std::size_t seen = 0;
  lab.task(0, [&] { seen = kernel::ksize(take(100)); });
  lab.once();
  EXPECT_EQ(seen, 100U);
  lab.settings.slab_rounding = SlabRounding::kmalloc;
  lab.once();
  EXPECT_EQ(seen, 128U);
  lab.settings.slab_rounding = SlabRounding::sixteen_more;
  lab.once();
  EXPECT_EQ(seen, 116U);
}

TEST_F(MemoryTest, LargeObjectsAreBackedInPart) {
  EXPECT_EQ(found([] {
              void* large = take(4096);
              void* next = take(4096);
              EXPECT_EQ(static_cast<char*>(next) - static_cast<char*>(large), std::ptrdiff_t{object_bytes_backed});
              EXPECT_EQ(kernel::ksize(large), 4096U);
              write(large, object_bytes_backed - 8);
              kernel::kfree(large);
              write(next);
            }),
            ViolationKind::none);
}

TEST_F(MemoryTest, PercpuMemoryIsZeroedAndEachCpusOwn) {
  EXPECT_EQ(found([] {
              kernel::AllocFailure why{};
              void* memory = kernel::alloc_percpu(64, Gfp::nowait, nullptr, why);
              auto* first = static_cast<Field*>(kernel::per_cpu_ptr(memory, kernel::Cpu{0}));
              auto* second = static_cast<Field*>(kernel::per_cpu_ptr(memory, kernel::Cpu{1}));
              EXPECT_EQ(second->get(), 0);
              first->set(1);
              EXPECT_EQ(second->get(), 0);
              kernel::free_percpu(memory);
            }),
            ViolationKind::none);
}

TEST_F(MemoryTest, FailuresComeFromPlanTaskAndStrategy) {
  int nulls = 0;
  lab.task(0, [&] {
    nulls = 0;
    for (int i = 0; i < 4; ++i) nulls += take() == nullptr ? 1 : 0;
  });
  lab.once();
  EXPECT_EQ(nulls, 0);
  lab.settings.slab_fails = [](void*, std::uint32_t nth) { return nth % 2 == 1; };
  lab.once();
  EXPECT_EQ(nulls, 2);
  lab.settings.slab_fails = nullptr;
  lab.settings.failures_max = 2;
  const Lab::Counts counts = lab.all(4, [&] { return std::to_string(nulls); });
  EXPECT_EQ(counts, (Lab::Counts{{"0", 1}, {"1", 4}, {"2", 6}})) << "each choice of at most two of four";
  lab.settings.failures_max = 0;
  lab.task(0, [&] {
    lab.machine.fail_next(1);
    EXPECT_EQ(take(), nullptr);
    EXPECT_NE(take(), nullptr);
  });
  lab.once();
}

TEST_F(MemoryTest, ChargesUpToTheLimit) {
  lab.settings.has_objcg = true;
  lab.settings.objcg_objects_max = 2;
  lab.task(0, [&] {
    kernel::AllocFailure why{};
    void* a = take(16, true, &why);
    EXPECT_NE(take(16, true, &why), nullptr);
    EXPECT_EQ(take(16, true, &why), nullptr);
    EXPECT_EQ(why, kernel::AllocFailure::cgroup);
    EXPECT_NE(take(16, false, &why), nullptr);
    kernel::kfree(a);
    EXPECT_NE(take(16, true, &why), nullptr);
  });
  EXPECT_EQ(lab.once().end, End::finished);
  EXPECT_EQ(lab.machine.objcg_objects(), 2U);
  EXPECT_EQ(lab.machine.objcg_bytes(), 32U);
  EXPECT_EQ(lab.machine.objcg_references(), 4U) << "one for each charged allocation of this test, and none was put";
}

}  // namespace
}  // namespace rcufarm::sim
