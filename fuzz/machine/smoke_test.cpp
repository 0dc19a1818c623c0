// alloc/mem on the simulated port, under many random schedules: no violation, no leak.
#include <gtest/gtest.h>

#include <new>

#include "machine/machine.h"
#include "machine/search/strategy_random.h"
#include "mem/mem_alloc.h"

namespace {

using namespace rcufarm;

struct Shared {
  sim::Machine* machine = nullptr;
  alignas(mem::MemAlloc) unsigned char memory[sizeof(mem::MemAlloc)];
  mem::MemAlloc* alloc = nullptr;
  int per_task = 0;
};

void prologue(void* argument) {
  auto& s = *static_cast<Shared*>(argument);
  s.alloc = new (s.memory) mem::MemAlloc;
  ASSERT_EQ(s.alloc->init(500, false), mem::Error::none);
}

void task(void* argument) {
  auto& s = *static_cast<Shared*>(argument);
  for (int i = 0; i < s.per_task; ++i) {
    s.machine->begin_call(1);
    void* a = s.alloc->cache_alloc();
    s.machine->end_call();
    s.machine->begin_call(2);
    void* b = s.alloc->cache_alloc();
    s.machine->end_call();
    s.machine->begin_call(3);
    s.alloc->cache_free_rcu(a);
    s.machine->end_call();
    s.machine->begin_call(4);
    s.alloc->cache_free(b);
    s.machine->end_call();
  }
}

void epilogue(void* argument) { static_cast<Shared*>(argument)->alloc->destroy(); }

TEST(Smoke, TwoTasksAndDestroyUnderRandomSchedules) {
  sim::Machine machine;
  Shared shared;
  shared.machine = &machine;
  shared.per_task = 3;
  const sim::TaskSpec tasks[] = {{&task, &shared, 0}, {&task, &shared, 1}};
  const sim::Program program{&prologue, &epilogue, &shared, tasks, {}};
  sim::RandomStrategy strategy(1);
  for (std::uint64_t run = 0; run < 200'000; ++run) {
    sim::Settings settings;
    settings.trace_implies_rcu_gp = run % 2 == 0;
    settings.slab_reuse = run % 4 < 2 ? sim::SlabReuse::never : sim::SlabReuse::lifo;
    strategy.begin_run(run);
    const sim::Outcome outcome = machine.run(settings, program, strategy);
    ASSERT_EQ(outcome.end, sim::End::finished)
        << "run " << run << ": " << name_of(outcome.violation.kind) << " " << outcome.violation.text << ", "
        << name_of(outcome.violation.first.op) << " in " << outcome.violation.first.site.function << ":"
        << outcome.violation.first.site.line << ", " << name_of(outcome.violation.second.op) << " in "
        << outcome.violation.second.site.function << ":" << outcome.violation.second.site.line;
    ASSERT_EQ(machine.live_objects(), 0U) << "run " << run;
  }
}

}  // namespace
