// How fast dynamic partial-order reduction is: executions a second of CPU time, on programs whose counts are known.
//
// Job: one table, for whoever changes a hot path or compares with other checkers. usage: dpor_speed
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <new>
#include <vector>

#include "kernel/kernel.h"
#include "machine/cpu_seconds.h"
#include "machine/machine.h"
#include "machine/search/strategy_dpor.h"

namespace {

using namespace rcufarm;
using kernel::Order;

struct Words {
  kernel::Atomic<int> word[8];
  kernel::Plain<int> data;
  kernel::RawSpinLock lock;
};

struct Bench {
  sim::Machine machine;
  Words* words = nullptr;
  struct Task {
    Bench* bench;
    unsigned number;
    unsigned rounds;
    void (*body)(Words&, unsigned number, unsigned rounds);
  };

  static void begin(void* self) {
    auto& bench = *static_cast<Bench*>(self);
    bench.words = new (bench.machine.host_memory(sizeof(Words))) Words;
  }

  void measure(const char* what, unsigned tasks, unsigned rounds, decltype(Task::body) body) {
    std::vector<Task> arguments;
    for (unsigned i = 0; i < tasks; ++i) arguments.push_back({this, i, rounds, body});
    std::vector<sim::TaskSpec> specs;
    for (unsigned i = 0; i < tasks; ++i) {
      specs.push_back({[](void* task) {
                         auto& t = *static_cast<Task*>(task);
                         t.body(*t.bench->words, t.number, t.rounds);
                       },
                       &arguments[i], i});
    }
    const sim::Program program{&begin, nullptr, this, specs, {}};
    sim::Settings settings;
    settings.cpus = tasks;
    settings.check_order = false;
    sim::DporStrategy dpor;
    const double before = cpu_seconds();
    for (std::uint64_t run = 0; dpor.begin_run(run); ++run) {
      if (machine.run(settings, program, dpor).end == sim::End::violation) std::abort();
    }
    const double seconds = cpu_seconds() - before;
    const sim::DporFigures& figures = dpor.figures();
    std::printf("%-22s %2u x %2u %12llu %9llu %9.2f %12.0f\n", what, tasks, rounds,
                static_cast<unsigned long long>(figures.executions), static_cast<unsigned long long>(figures.blocked),
                seconds, static_cast<double>(figures.executions) / seconds);
  }
};

}  // namespace

int main() {
  Bench bench;
  std::printf("%-22s %7s %12s %9s %9s %12s\n", "program", "tasks", "executions", "blocked", "seconds", "executions/s");
  const auto add = [](Words& w, unsigned, unsigned) { (void)w.word[0].exchange(1, Order::seq_cst); };
  bench.measure("exchange of one word", 7, 1, add);
  bench.measure("exchange of one word", 8, 1, add);
  const auto rounds = [](Words& w, unsigned number, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      w.word[number].store(static_cast<int>(i + 1), Order::seq_cst);
      (void)w.word[1 - number].load(Order::seq_cst);
    }
  };
  for (unsigned k = 3; k <= 6; ++k) bench.measure("store mine, load yours", 2, k, rounds);
  const auto locked = [](Words& w, unsigned, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      const kernel::RawSpinLockGuard guard(w.lock);
      w.data.set(w.data.get() + 1);
    }
  };
  bench.measure("add under a lock", 3, 2, locked);
  bench.measure("add under a lock", 4, 2, locked);
  bench.measure("add under a lock", 5, 1, locked);
  bench.measure("add under a lock", 8, 1, locked);
}
