// What an rcu_barrier promises while a reader is in back-to-back short sections, whatever was queued: that the callback has
// run. How long it takes is a benchmark's business.
#include <vector>

#include "native/rcu_test_support.h"

namespace rcufarm::native::test {
namespace {

// How the callback is queued that the barrier waits for.
enum class Queued : std::uint8_t { lazy, hurried, urgent };

struct BarrierCase {
  RcuFlavor flavor;
  RcuFlavor reader;
  bool implies;
  Queued queued;
};

constexpr int barriers = 50;

std::string name_of(RcuFlavor flavor) { return flavor == RcuFlavor::regular ? "regular" : "tasks_trace"; }

std::string name_of(Queued queued) {
  switch (queued) {
    case Queued::lazy: return "lazy";
    case Queued::hurried: return "hurried";
    case Queued::urgent: return "urgent";
  }
  return "unknown";
}

void PrintTo(const BarrierCase& test, std::ostream* out) {
  *out << name_of(test.flavor) << "_" << name_of(test.queued) << "_beside_" << name_of(test.reader)
       << (test.implies ? "_implied" : "_apart");
}

std::vector<BarrierCase> all_cases() {
  std::vector<BarrierCase> cases;
  for (const RcuFlavor flavor : {RcuFlavor::regular, RcuFlavor::tasks_trace}) {
    for (const RcuFlavor reader : {RcuFlavor::regular, RcuFlavor::tasks_trace}) {
      for (const bool implies : {false, true}) {
        for (const Queued queued : {Queued::lazy, Queued::hurried, Queued::urgent}) {
          cases.push_back({flavor, reader, implies, queued});
        }
      }
    }
  }
  return cases;
}

void queue(const BarrierCase& test, FunctionHead& head) {
  switch (test.queued) {
    case Queued::lazy: return kernel::call_rcu(test.flavor, &head, &FunctionHead::run);
    case Queued::hurried: return kernel::call_rcu_hurry(test.flavor, &head, &FunctionHead::run);
    case Queued::urgent:
      kernel::call_rcu(test.flavor, &head, &FunctionHead::run);
      return kernel::rcu_request_urgent_qs();
  }
}

// Some 100 ns in a section, then the next one at once.
class BusyReader {
 public:
  BusyReader(Machine& machine, RcuFlavor flavor)
      : job_(run_on_pool([this, &machine, flavor] {
          const CpuOwner me(machine);
          while (!stop_.load(std::memory_order_relaxed)) {
            const kernel::ReadSection section(flavor);
            for (int i = 0; i < 4; ++i) kernel::cpu_relax();
            sections_.fetch_add(1, std::memory_order_relaxed);
          }
        })) {
    wait_until([this] { return sections() > 0; });
  }
  ~BusyReader() { stop_.store(true, std::memory_order_relaxed); }
  std::uint64_t sections() const { return sections_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> sections_{0};
  Job job_;  // ends first: it uses the others
};

class BarrierBesideReader : public testing::TestWithParam<BarrierCase> {};
INSTANTIATE_TEST_SUITE_P(Cases, BarrierBesideReader, testing::ValuesIn(all_cases()),
                         [](const auto& info) { return testing::PrintToString(info.param); });

TEST_P(BarrierBesideReader, ReturnsAfterTheCallback) {
  Machine machine(config_with(GetParam().implies));
  const CpuOwner me(machine);
  const BusyReader reader(machine, GetParam().reader);
  for (int i = 0; i < barriers; ++i) {
    bool called = false;  // plain: the callback's end happens before the barrier's return
    FunctionHead head([&] { called = true; });
    queue(GetParam(), head);
    kernel::rcu_barrier(GetParam().flavor);
    EXPECT_TRUE(called);
  }
  EXPECT_GT(reader.sections(), std::uint64_t{barriers}) << "the reader has to be at it all the time";
  EXPECT_EQ(machine.reports().count(), 0u) << machine.reports().print();
}

}  // namespace
}  // namespace rcufarm::native::test
