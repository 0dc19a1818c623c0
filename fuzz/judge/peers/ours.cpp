// The programs that ./farm bench peers measures, on this project's machine.
//
// Job: run one of them so many times under a random walk, with all checks, and print a line for peers.py: operations of the
// program, and CPU seconds. relacy.cpp has the same programs. usage: peers_ours toy|rounds sc|c11 RUNS
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "machine/cpu_seconds.h"
#include "machine/explore.h"
#include "machine/kernel/port/kernel_port.h"
#include "machine/search/strategy_random.h"

namespace {

using namespace rcufarm;
using kernel::Order;

constexpr unsigned rounds = 100;

struct Words {
  kernel::Atomic<int> x{0}, y{0};
  std::array<kernel::Plain<int>, 2> own{kernel::Plain<int>(0), kernel::Plain<int>(0)};
};

struct Test {
  sim::Machine& machine;
  Words* words = nullptr;

  static void begin(void* self) {
    auto& test = *static_cast<Test*>(self);
    test.words = new (test.machine.host_memory(sizeof(Words))) Words;
  }
};

template <unsigned thread>
void toy(void* self) {
  Words& words = *static_cast<Test*>(self)->words;
  (thread == 0 ? words.x : words.y).store(1, Order::seq_cst);
  static_cast<void>((thread == 0 ? words.y : words.x).load(Order::seq_cst));
}

template <unsigned thread>
void many_rounds(void* self) {
  Words& words = *static_cast<Test*>(self)->words;
  for (unsigned i = 0; i < rounds; ++i) {
    words.x.store(1, Order::relaxed);
    static_cast<void>(words.y.load(Order::acquire));
    static_cast<void>(words.x.exchange(2, Order::acq_rel));
    static_cast<void>(words.y.exchange(3, Order::acq_rel));
    words.own[thread].set(4);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view name = argc == 4 ? argv[1] : "";
  const std::string_view model = argc == 4 ? argv[2] : "";
  const std::uint64_t runs = argc == 4 ? std::strtoull(argv[3], nullptr, 10) : 0;
  if ((name != "toy" && name != "rounds") || (model != "sc" && model != "c11") || runs == 0) {
    std::fprintf(stderr, "usage: peers_ours toy|rounds sc|c11 RUNS\n");
    return 2;
  }
  sim::Machine machine;
  std::vector<std::uint64_t> pairs((1U << 15U) / 64);
  std::vector<std::uint32_t> met(64 * pairs.size() + 1);
  machine.set_reads_from_set(pairs.data(), pairs.size(), met.data());
  Test test{machine};
  const bool is_toy = name == "toy";
  const sim::TaskSpec tasks[] = {{is_toy ? &toy<0> : &many_rounds<0>, &test, 0},
                                 {is_toy ? &toy<1> : &many_rounds<1>, &test, 1}};
  const sim::Program program{&Test::begin, nullptr, &test, tasks, {}};
  sim::Settings settings;
  settings.model = model == "sc" ? sim::MemoryModel::sc : sim::MemoryModel::c11;
  sim::RandomStrategy random(1);
  const double before = cpu_seconds();
  sim::explore(machine, settings, program, random, runs, [](const sim::Outcome& outcome) {
    if (outcome.end != sim::End::finished) std::abort();
    return true;
  });
  std::printf("%llu %.6f\n", static_cast<unsigned long long>(runs * (is_toy ? 4 : 2 * rounds * 5)),
              cpu_seconds() - before);
}
