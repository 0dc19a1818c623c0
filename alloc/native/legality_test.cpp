// kernel/README.md's table of legal contexts, cell by cell, for the operations that the native kernel looks at.
#include <map>
#include <string>

#include "native/test_support.h"

namespace rcufarm::native::test {
namespace {

using Body = std::function<void()>;

enum class Where { task, task_off, irq, nmi, rcu_callback, workqueue, regular_section, trace_section };

const char* name_of(Where where) {
  switch (where) {
    case Where::task: return "task";
    case Where::task_off: return "task_off";
    case Where::irq: return "irq";
    case Where::nmi: return "nmi";
    case Where::rcu_callback: return "rcu_callback";
    case Where::workqueue: return "workqueue";
    case Where::regular_section: return "regular_section";
    case Where::trace_section: return "trace_section";
  }
  return "";
}

void run_in(Where where, Body body) {
  switch (where) {
    case Where::task: return body();
    case Where::task_off: {
      const kernel::IrqGuard irq_off;
      return body();
    }
    case Where::irq: return in_irq(std::move(body));
    case Where::nmi: return in_nmi(std::move(body));
    case Where::rcu_callback: {
      FunctionHead head(std::move(body));
      kernel::call_rcu_hurry(RcuFlavor::regular, &head, &FunctionHead::run);
      return kernel::rcu_barrier(RcuFlavor::regular);
    }
    case Where::workqueue: {
      FunctionItem item(std::move(body));
      kernel::queue_work(&item);
      return this_context->machine->flush_workqueue();
    }
    case Where::regular_section: {
      const kernel::ReadSection section(RcuFlavor::regular);
      return body();
    }
    case Where::trace_section: {
      const kernel::ReadSection section(RcuFlavor::tasks_trace);
      return body();
    }
  }
}

struct Operations {
  FunctionHead head{[] {}};
  FunctionItem item{[] {}};
  FunctionWork work{[] {}};
  kernel::RawSpinLock lock;
  kernel::AllocFailure why{};
  void* object = nullptr;
  kernel::ObjCgroup* objcg = nullptr;

  void allocate(Gfp gfp) { object = kernel::kmalloc_node(32, gfp, Cpu{0}, nullptr, why); }
};

using Operate = void (*)(Operations&);

struct Row {
  const char* name;  // as it stands in the report
  Operate operate;
  std::string forbidden;  // of: o(ff) i(rq) n(mi) c(allback) w(orkqueue) r(egular section) t(race section)
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

char letter_of(Where where) {
  switch (where) {
    case Where::task: return '-';
    case Where::task_off: return 'o';
    case Where::irq: return 'i';
    case Where::nmi: return 'n';
    case Where::rcu_callback: return 'c';
    case Where::workqueue: return 'w';
    case Where::regular_section: return 'r';
    case Where::trace_section: return 't';
  }
  return '?';
}

class Legality : public testing::TestWithParam<std::tuple<Row, Where>> {};

const Row rows[] = {
    {"RawSpinLock", [](Operations& o) { const kernel::RawSpinLockGuard held(o.lock); }, "n"},
    {"irq_work_sync", [](Operations& o) { kernel::irq_work_sync(&o.work); }, "oinr"},
    {"call_rcu", [](Operations& o) { kernel::call_rcu(RcuFlavor::tasks_trace, &o.head, &FunctionHead::run); }, "n"},
    {"call_rcu_hurry",
     [](Operations& o) { kernel::call_rcu_hurry(RcuFlavor::tasks_trace, &o.head, &FunctionHead::run); }, "n"},
    {"rcu_request_urgent_qs", [](Operations&) { kernel::rcu_request_urgent_qs(); }, "n"},
    {"synchronize_rcu", [](Operations&) { kernel::synchronize_rcu(RcuFlavor::tasks_trace); }, "oincrt"},
    {"rcu_barrier", [](Operations&) { kernel::rcu_barrier(RcuFlavor::tasks_trace); }, "oincrt"},
    {"kmalloc_node", [](Operations& o) { o.allocate(Gfp::nowait); }, "n"},
    {"kmalloc_node", [](Operations& o) { o.allocate(Gfp::kernel); }, "oincr"},
    {"kfree", [](Operations&) { kernel::kfree(nullptr); }, "n"},
    {"free_percpu", [](Operations&) { kernel::free_percpu(nullptr); }, "n"},
    {"get_obj_cgroup_from_current", [](Operations& o) { o.objcg = kernel::get_obj_cgroup_from_current(); }, "incw"},
    {"obj_cgroup_put", [](Operations&) { kernel::obj_cgroup_put(nullptr); }, "n"},
    {"queue_work", [](Operations& o) { kernel::queue_work(&o.item); }, "n"},
};

constexpr Where everywhere[] = {
    Where::task,      Where::task_off,        Where::irq,          Where::nmi, Where::rcu_callback,
    Where::workqueue, Where::regular_section, Where::trace_section};

INSTANTIATE_TEST_SUITE_P(Table, Legality, testing::Combine(testing::ValuesIn(rows), testing::ValuesIn(everywhere)),
                         [](const auto& info) {
                           const Row& row = std::get<0>(info.param);
                           return std::string(row.name) + "_" + (row.forbidden.size() > 4 ? "sleeping_" : "") +
                                  name_of(std::get<1>(info.param));
                         });

TEST_P(Legality, IsAsTheTableSays) {
  const auto& [row, where] = GetParam();
  const bool forbidden = row.forbidden.find(letter_of(where)) != std::string::npos;
  MachineConfig config = machine_of(2);
  config.slab.cgroup = true;
  config.rcu_trace_implies_rcu_gp = false;
  Operations operations;  // first: what it queued may still be queued when the machine ends
  Machine machine(config);
  {
    const CpuOwner me(machine);
    run_in(where, [&, operate = row.operate] { operate(operations); });
  }
  EXPECT_EQ(machine.reports().count(ReportKind::illegal_context), forbidden ? 1u : 0u) << machine.reports().print();
  EXPECT_EQ(machine.reports().count(), forbidden ? 1u : 0u) << machine.reports().print();
  if (forbidden) {
    const std::string expected = std::string(row.name) + (where == Where::task_off ? " with interrupts off" : " in ");
    EXPECT_EQ(machine.reports().list().at(0).text.find(expected), 0u) << machine.reports().print();
  }
  const CpuOwner me(machine);
  if (operations.object != nullptr) kernel::kfree(operations.object);
  if (operations.objcg != nullptr) kernel::obj_cgroup_put(operations.objcg);
}

TEST(LegalityOf, MallocIsNotReachedInNmi) {
  Machine machine;
  const CpuOwner me(machine);
  Operations operations;
  in_nmi([&] { operations.allocate(Gfp::nowait); });
  EXPECT_EQ(operations.object, nullptr);
  EXPECT_EQ(operations.why, kernel::AllocFailure::slab);
}

TEST(LegalityOf, PerCpuAreasMaySleep) {
  Machine machine;
  const CpuOwner me(machine);
  kernel::PerCpu<int> made;
  {
    const kernel::IrqGuard irq_off;
    made = kernel::PerCpu<int>::create(Gfp::kernel);
  }
  EXPECT_EQ(machine.reports().print(), "illegal context: PerCpu::create with interrupts off\n");
  made.destroy();
}

}  // namespace
}  // namespace rcufarm::native::test
