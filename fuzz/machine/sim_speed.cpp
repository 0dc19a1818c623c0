// How fast the simulator is: points and schedules a second of CPU time, for each strategy.
//
// Job: one table, for README.md and for whoever changes a hot path. usage: sim_speed [runs of each strategy, 20000]
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "machine/cpu_seconds.h"
#include "machine/explore.h"
#include "machine/search/strategy_portfolio.h"
#include "machine/search/strategy_random.h"
#include "machine/search/strategy_replay.h"
#include "mem/mem_alloc.h"

namespace {

using namespace rcufarm;
using kernel::Order;

// Two tasks that allocate and free in rounds of four, and a destroy.
struct Rounds {
  sim::Machine& machine;
  alignas(mem::MemAlloc) unsigned char memory[sizeof(mem::MemAlloc)]{};
  mem::MemAlloc* alloc = nullptr;

  void begin() {
    alloc = new (memory) mem::MemAlloc;
    if (alloc->init(500, false) != mem::Error::none) std::abort();
  }
  void use() {
    void* objects[4] = {};
    for (int round = 0; round < 4; ++round) {
      for (void*& object : objects) {
        machine.begin_call(0);
        object = alloc->cache_alloc();
        machine.end_call();
      }
      for (int i = 0; i < 4; ++i) {
        machine.begin_call(1);
        i % 2 == 0 ? alloc->cache_free(objects[i]) : alloc->cache_free_rcu(objects[i]);
        machine.end_call();
      }
    }
  }
};

// Two threads, two atomics, four operations.
struct Toy {
  struct Words {
    kernel::Atomic<int> x, y;
  };
  sim::Machine& machine;
  Words* words = nullptr;

  void begin() { words = new (machine.host_memory(sizeof(Words))) Words; }
  void first() {
    words->x.store(1, Order::seq_cst);
    (void)words->y.load(Order::seq_cst);
  }
  void second() {
    words->y.store(1, Order::seq_cst);
    (void)words->x.load(Order::seq_cst);
  }
};

template <class T, void (T::*member)()>
void call(void* self) {
  (static_cast<T*>(self)->*member)();
}

void measure(const char* what, sim::Machine& machine, const sim::Program& program, sim::Strategy& strategy,
             std::uint64_t runs) {
  const double before = cpu_seconds();
  const sim::Explored explored =
      sim::explore(machine, sim::Settings{}, program, strategy, runs, [](const sim::Outcome& outcome) {
        if (outcome.end != sim::End::finished) std::abort();
        return true;
      });
  const double seconds = cpu_seconds() - before;
  std::printf("%-8s %-14s %12.0f %14.2f %12.0f\n", what, strategy.name(), static_cast<double>(explored.runs) / seconds,
              static_cast<double>(explored.points) / seconds / 1e6,
              static_cast<double>(explored.points) / static_cast<double>(explored.runs));
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t runs = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 20'000;
  if (runs == 0) {
    std::fprintf(stderr, "usage: sim_speed [runs of each strategy, 20000]\n");
    return 2;
  }
  sim::Machine machine;
  std::vector<std::uint64_t> pairs((1U << 15U) / 64);
  std::vector<std::uint32_t> met(64 * pairs.size() + 1);
  machine.set_reads_from_set(pairs.data(), pairs.size(), met.data());

  Rounds rounds{machine};
  const sim::TaskSpec tasks[] = {{&call<Rounds, &Rounds::use>, &rounds, 0}, {&call<Rounds, &Rounds::use>, &rounds, 1}};
  const sim::Program program{&call<Rounds, &Rounds::begin>,
                             [](void* self) { static_cast<Rounds*>(self)->alloc->destroy(); },
                             &rounds,
                             tasks,
                             {}};
  std::printf("%-8s %-14s %12s %14s %12s\n", "program", "strategy", "schedules/s", "M points/s", "points");
  sim::ReplayStrategy plain;
  measure("alloc", machine, program, plain, runs);
  sim::PortfolioStrategy usual = sim::PortfolioStrategy::usual(1);
  for (const sim::PortfolioStrategy::Member& member : usual.members()) {
    measure("alloc", machine, program, *member.strategy, runs);
  }
  measure("alloc", machine, program, usual, runs);

  Toy toy{machine};
  const sim::TaskSpec pair[] = {{&call<Toy, &Toy::first>, &toy, 0}, {&call<Toy, &Toy::second>, &toy, 1}};
  const sim::Program litmus{&call<Toy, &Toy::begin>, nullptr, &toy, pair, {}};
  sim::RandomStrategy random(1);
  measure("toy", machine, litmus, random, runs * 50);
}
