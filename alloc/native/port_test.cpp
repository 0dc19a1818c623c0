// The parts of the port that stand by themselves: atomics, fields, lists, locks, per-CPU data.
#include <set>
#include <vector>

#include "native/test_support.h"

namespace rcufarm::native::test {
namespace {

using kernel::Order;

TEST(Atomic, DoesWhatItsOperationsSay) {
  kernel::Atomic<int> value{1};
  for (const Order order : {Order::relaxed, Order::acquire, Order::release, Order::acq_rel, Order::seq_cst}) {
    value.store(1, order);
    EXPECT_EQ(value.load(order), 1);
    EXPECT_EQ(value.exchange(2, order), 1);
    EXPECT_FALSE(value.compare_exchange(1, 3, order));
    EXPECT_EQ(value.load(order), 2);
    EXPECT_TRUE(value.compare_exchange(2, 3, order));
    EXPECT_EQ(value.load(order), 3);
  }
}

// ThreadSanitizer would report `data` if release and acquire were not what they say.
TEST(Atomic, ReleaseAndAcquireOrderPlainData) {
  kernel::Atomic<int> flag{0};
  int data = 0;
  const Job writer = run_on_pool([&] {
    data = 7;
    flag.store(1, Order::release);
  });
  wait_until([&] { return flag.load(Order::acquire) == 1; });
  EXPECT_EQ(data, 7);
}

TEST(Counter, CountsWithOneWriterAndWithMany) {
  kernel::Counter alone;
  alone.add(5);
  alone.add(-2);
  EXPECT_EQ(alone.read(), 3);
  kernel::Counter shared;
  std::vector<Job> jobs;
  for (int t = 0; t < 3; ++t) {
    jobs.push_back(run_on_pool([&] {
      for (int i = 0; i < 1000; ++i) shared.add_shared(1);
    }));
  }
  jobs.clear();
  EXPECT_EQ(shared.read(), 3000);
}

TEST(Fields, HoldTheirValue) {
  kernel::Plain<int> plain{1};
  plain.set(plain.get() + 1);
  EXPECT_EQ(plain.get(), 2);
  kernel::Local<bool> local{false};
  local.set(true);
  EXPECT_TRUE(local.get());
}

std::vector<kernel::LlistNode*> nodes_of(kernel::LlistNode* first) {
  std::vector<kernel::LlistNode*> nodes;
  for (; first != nullptr; first = first->next.get()) nodes.push_back(first);
  return nodes;
}

TEST(Llist, IsLastInFirstOut) {
  kernel::LlistNode a, b, c, d;
  kernel::LlistHead list;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.del_all(), nullptr);
  EXPECT_EQ(list.del_first(), nullptr);
  EXPECT_TRUE(list.add(&a));
  EXPECT_FALSE(list.add(&b));
  c.next.set(&d);
  EXPECT_FALSE(list.add_batch(&c, &d));
  EXPECT_FALSE(list.empty());
  EXPECT_EQ(list.del_first(), &c);
  EXPECT_EQ(nodes_of(list.del_all()), (std::vector<kernel::LlistNode*>{&d, &b, &a}));
  EXPECT_TRUE(list.empty());
  list.set_all(&d);
  EXPECT_EQ(nodes_of(list.del_all()), (std::vector<kernel::LlistNode*>{&d, &b, &a}));
}

TEST(Llist, TakesSeveralAtOnce) {
  kernel::LlistNode a, b, c;
  kernel::LlistHead list;
  EXPECT_EQ(list.del_first_n(2).count, 0);
  for (kernel::LlistNode* node : {&a, &b, &c}) list.add(node);
  const auto two = list.del_first_n(2);
  EXPECT_EQ(two.first, &c);
  EXPECT_EQ(c.next.get(), &b);
  EXPECT_EQ(two.last, &b);
  EXPECT_EQ(two.count, 2);
  const auto rest = list.del_first_n(2);
  EXPECT_EQ(rest.first, &a);
  EXPECT_EQ(rest.last, &a);
  EXPECT_EQ(rest.count, 1);
  EXPECT_TRUE(list.empty());
}

TEST(Llist, LocalFormsDoTheSame) {
  kernel::LlistNode a, b;
  kernel::LlistHead list;
  EXPECT_EQ(list.del_first_local(), nullptr);
  EXPECT_EQ(list.del_all_local(), nullptr);
  EXPECT_TRUE(list.add_local(&a));
  EXPECT_FALSE(list.add_local(&b));
  EXPECT_EQ(list.del_first_local(), &b);
  EXPECT_TRUE(list.add_local(&b) == false);
  EXPECT_EQ(nodes_of(list.del_all_local()), (std::vector<kernel::LlistNode*>{&b, &a}));
}

// Producers without a lock, three kinds of consumers under one. Plain payloads: the list orders them.
TEST(Llist, LosesAndDoublesNothing) {
  struct Payload : kernel::LlistNode {
    int number = 0;
  };
  constexpr int each = 1000;
  constexpr int producers = 2;
  Machine machine(machine_of(4));
  std::vector<Payload> payloads(producers * each);
  kernel::LlistHead list;
  kernel::RawSpinLock consumers;
  std::vector<int> seen(payloads.size(), 0);
  std::atomic<int> taken{0};
  std::vector<Job> jobs;
  for (int p = 0; p < producers; ++p) {
    jobs.push_back(run_on_pool([&, p] {
      for (int i = 0; i < each; i += 2) {
        Payload& first = payloads[static_cast<std::size_t>(p * each + i)];
        Payload& second = payloads[static_cast<std::size_t>(p * each + i + 1)];
        first.number = p * each + i;
        second.number = p * each + i + 1;
        first.next.set(&second);
        list.add_batch(&first, &second);
      }
    }));
  }
  for (int c = 0; c < 3; ++c) {
    jobs.push_back(run_on_pool([&, c] {
      CpuOwner me(machine);
      wait_until([&] {
        {
          const kernel::RawSpinLockGuard held(consumers);
          constexpr int all = producers * each;
          const auto run = c == 0   ? kernel::LlistRun<kernel::LlistNode>{list.del_all(), nullptr, all}
                           : c == 1 ? kernel::LlistRun<kernel::LlistNode>{list.del_first(), nullptr, 1}
                                    : list.del_first_n(5);
          kernel::LlistNode* node = run.first;
          for (int i = 0; i < run.count && node != nullptr; ++i) {
            kernel::LlistNode* next = node->next.get();
            ++seen[static_cast<std::size_t>(static_cast<Payload*>(node)->number)];
            ++taken;
            node = next;
          }
        }
        return taken == producers * each;
      });
    }));
  }
  jobs.clear();
  EXPECT_EQ(seen, std::vector<int>(payloads.size(), 1));
}

TEST(RawSpinLock, KeepsOwnersOfDifferentCpusApart) {
  constexpr int rounds = 2000;
  Machine machine(machine_of(3));
  kernel::RawSpinLock lock;
  std::uint64_t count = 0;
  std::vector<Job> jobs;
  for (unsigned cpu = 0; cpu < 3; ++cpu) {
    jobs.push_back(run_on_pool([&, cpu] {
      const CpuOwner me(machine, static_cast<Cpu>(cpu));
      for (int i = 0; i < rounds; ++i) {
        const kernel::RawSpinLockGuard held(lock);
        EXPECT_TRUE(irq_is_off());
        ++count;
      }
      EXPECT_FALSE(irq_is_off());
    }));
  }
  jobs.clear();
  EXPECT_EQ(count, 3u * rounds);
}

TEST(IrqGuard, WorksInEveryContext) {
  Machine machine;
  const CpuOwner me(machine);
  const auto guard = [] {
    const kernel::IrqGuard outer;
    const kernel::IrqGuard inner;
    EXPECT_TRUE(irq_is_off());
  };
  guard();
  EXPECT_FALSE(irq_is_off());
  in_irq(guard);
  in_nmi(guard);
  FunctionHead head(guard);
  kernel::call_rcu_hurry(RcuFlavor::regular, &head, &FunctionHead::run);
  kernel::rcu_barrier(RcuFlavor::regular);
  EXPECT_FALSE(irq_is_off());
}

struct Counted {
  static inline std::atomic<int> alive{0};
  int value = 5;
  Counted() { ++alive; }
  ~Counted() { --alive; }
};

TEST(PerCpu, HasOneForEachCpuAndKnowsItsOwn) {
  Machine machine(machine_of(3));
  CpuOwner me(machine, Cpu{2});
  kernel::PerCpu<Counted> none;
  EXPECT_FALSE(none);
  EXPECT_FALSE(none.contains(&none));
  EXPECT_FALSE(none.contains(nullptr));

  auto per_cpu = kernel::PerCpu<Counted>::create(Gfp::kernel);
  ASSERT_TRUE(per_cpu);
  EXPECT_EQ(Counted::alive, 3);
  std::set<Counted*> all;
  for (unsigned cpu = 0; cpu < 3; ++cpu) {
    Counted& one = per_cpu.on(static_cast<Cpu>(cpu));
    EXPECT_EQ(one.value, 5);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&one) % per_cpu_alignment, 0u);
    EXPECT_TRUE(per_cpu.contains(&one));
    EXPECT_TRUE(per_cpu.contains(&one.value));
    all.insert(&one);
  }
  EXPECT_EQ(all.size(), 3u);
  EXPECT_EQ(&per_cpu.this_cpu(), &per_cpu.on(Cpu{2}));
  me.migrate(Cpu{0});
  EXPECT_EQ(&per_cpu.this_cpu(), &per_cpu.on(Cpu{0}));
  EXPECT_FALSE(per_cpu.contains(reinterpret_cast<const char*>(&per_cpu.on(Cpu{0})) - 1));
  EXPECT_FALSE(per_cpu.contains(reinterpret_cast<const char*>(&per_cpu.on(Cpu{2})) + per_cpu_alignment));
  EXPECT_FALSE(per_cpu.contains(nullptr));

  auto copy = per_cpu;
  EXPECT_EQ(Counted::alive, 3);
  copy.destroy();
  EXPECT_EQ(Counted::alive, 0);
  EXPECT_FALSE(copy);
  EXPECT_TRUE(machine.slab().live().empty());
}

}  // namespace
}  // namespace rcufarm::native::test
