// The simulated machine against the models' axioms: whatever a litmus program does on the machine is an execution of the model.
//
// Random programs run under random schedules and choices of stores; every final state has to be among those that the axioms
// allow. Under sc the machine reaches all of them; under the others how many it reaches is held against a floor, so that a model
// that has become stronger is noticed. README.md says why it need not be all.
#include <random>
#include <set>
#include <string>

#include "litmus/explore.h"
#include "litmus/lab.h"
#include "litmus/model.h"
#include "machine/hooks/foreign.h"
#include "machine/lab.h"

namespace rcufarm::litmus {
namespace {

using sim::Site;

struct Words {
  sim::Word values[6];
  sim::Word locks[6];
};

kernel::Order order_of(Order order) {
  switch (order) {
    case Order::plain:
    case Order::once: return kernel::Order::relaxed;
    case Order::acquire: return kernel::Order::acquire;
    case Order::release: return kernel::Order::release;
    case Order::acq_rel: return kernel::Order::acq_rel;
    case Order::seq_cst: return kernel::Order::seq_cst;
  }
  return kernel::Order::seq_cst;
}

// Of a read-modify-write: an acquire stands at its read, a release at its write.
kernel::Order order_of(Order read, Order write) {
  if (read == Order::acquire) return write == Order::release ? kernel::Order::acq_rel : kernel::Order::acquire;
  return order_of(write);
}

void do_fence(Fence fence) {
  using Kind = sim::Fence;
  const auto one = [](Kind kind) { sim::foreign::fence(kind, Site::here()); };
  switch (fence) {
    case Fence::rmb: return one(Kind::read);
    case Fence::wmb: return one(Kind::write);
    case Fence::acquire: return one(Kind::acquire);
    case Fence::release: return one(Kind::release);
    case Fence::acq_rel: return one(Kind::acquire), one(Kind::release);
    case Fence::none:
    case Fence::barrier: return;
    default: return one(Kind::full);
  }
}

// A thread of the program as a task of the machine: event by event, each value that it reads decides what comes next.
void run_thread(const LabProgram& program, unsigned thread, Words& words, std::vector<Value>& registers) {
  std::vector<Value> reads;
  for (std::size_t next = 0;;) {
    const ThreadTrace trace = program.run(thread, reads);
    for (; next < trace.events.size() && trace.events[next].kind != EventKind::read; ++next) {
      const Event& e = trace.events[next];
      switch (e.kind) {
        case EventKind::write:
          if (e.part == Part::unlock) {
            sim::unlock(&words.locks[e.location], Site::here());
          } else {
            sim::atomic_store(&words.values[e.location], static_cast<sim::Word>(e.value), order_of(e.order),
                              Site::here());
          }
          break;
        case EventKind::fence: do_fence(e.fence); break;
        case EventKind::rcu_lock: sim::read_lock(kernel::RcuFlavor::regular, Site::here()); break;
        case EventKind::rcu_unlock: sim::read_unlock(kernel::RcuFlavor::regular, Site::here()); break;
        case EventKind::sync_rcu: sim::synchronize_rcu(kernel::RcuFlavor::regular, Site::here()); break;
        default: FAIL() << "not an operation of these programs";
      }
    }
    if (next == trace.events.size()) {
      registers = trace.registers;
      return;
    }
    const Event read = trace.events[next++];
    if (read.part == Part::access) {
      reads.push_back(
          static_cast<Value>(sim::atomic_load(&words.values[read.location], order_of(read.order), Site::here())));
      continue;
    }
    if (read.part == Part::lock) {
      sim::lock(&words.locks[read.location], Site::here());
      reads.push_back(0);
    } else {
      // What an exchange writes does not depend on what it reads.
      reads.push_back(0);
      const Event write = program.run(thread, reads).events[next];
      reads.back() =
          static_cast<Value>(sim::atomic_exchange(&words.values[read.location], static_cast<sim::Word>(write.value),
                                                  order_of(read.order, write.order), Site::here()));
    }
    ++next;
  }
}

std::set<State> on_machine(const LabProgram& program, sim::MemoryModel model, unsigned runs) {
  sim::Lab lab;
  sim::Cell<Words> cell;
  lab.cell(cell);
  lab.settings.model = model;
  lab.settings.check_order = false;
  lab.settings.cpus = program.threads();
  State state;
  lab.first([&] {
    *cell = Words{};
    state = State{std::vector<std::vector<Value>>(program.threads()), {}};
  });
  for (unsigned t = 0; t < program.threads(); ++t) {
    lab.task(t, [&, t] { run_thread(program, t, *cell, state.registers[t]); });
  }
  std::set<State> reached;
  sim::RandomStrategy strategy(1);
  for (unsigned i = 0; i < runs; ++i) {
    strategy.begin_run(i);
    const sim::Outcome outcome = lab.run(strategy);
    if (outcome.end != sim::End::finished) continue;  // two locks in opposite orders
    state.locations.clear();
    for (unsigned l = 0; l < program.locations(); ++l) {
      state.locations.push_back(static_cast<Value>(cell->values[l]));
    }
    reached.insert(state);
  }
  return reached;
}

// Two or three threads on two or three locations; `texture` says which operations there are.
std::string random_program(std::mt19937& random, bool is_cpp) {
  const auto pick = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  const std::vector<std::string> kernel_fences = {"mb", "rmb", "wmb"};
  const std::vector<std::string> cpp_fences = {"sc", "acq", "rel"};
  std::string text;
  const unsigned threads = 2 + pick(2);
  for (unsigned t = 0; t < threads; ++t) {
    if (t != 0) text += " | ";
    bool in_section = false;
    const unsigned ops = 2 + pick(threads == 2 ? 3 : 2);
    for (unsigned i = 0; i < ops; ++i) {
      const char location = static_cast<char>('x' + pick(threads));
      const std::string value(1, static_cast<char>('1' + pick(2)));
      switch (pick(8)) {
        case 0:
        case 1:
        case 2:
          text += std::string("R") + location + (pick(3) == 0 ? ".acq " : is_cpp && pick(3) == 0 ? ".sc " : " ");
          break;
        case 3:
        case 4:
          text += std::string("W") + location + value +
                  (pick(3) == 0             ? ".rel "
                   : is_cpp && pick(3) == 0 ? ".sc "
                                            : " ");
          break;
        case 5: text += std::string("X") + location + value + (pick(2) == 0 ? " " : is_cpp ? ".acq " : ".full "); break;
        case 6: text += (is_cpp ? cpp_fences : kernel_fences)[pick(3)] + " "; break;
        case 7:
          if (is_cpp) break;
          text += in_section ? "}rcu " : pick(2) == 0 ? "rcu{ " : "sync ";
          in_section = in_section ? false : text.ends_with("rcu{ ");
          break;
      }
    }
    if (in_section) text += "}rcu ";
    if (text.empty() || text.ends_with("| ")) text += "Rx ";
  }
  return text;
}

struct Agreement {
  std::size_t reached = 0, allowed = 0;
};

void compare(const std::string& text, sim::MemoryModel model, unsigned runs, Agreement& agreement) {
  const LabProgram program(text);
  const Model* axioms = find_model(sim::name_of(model));
  ASSERT_NE(axioms, nullptr);
  const auto explored = explore(program, *axioms, [](const State&) { return false; });
  const auto* outcome = std::get_if<Outcome>(&explored);
  ASSERT_NE(outcome, nullptr) << text;
  for (const State& state : on_machine(program, model, runs)) {
    ++agreement.reached;
    std::string shown;
    for (const auto& registers : state.registers) {
      for (const Value value : registers) shown += std::to_string(value);
      shown += ' ';
    }
    for (const Value value : state.locations) shown += std::to_string(value);
    EXPECT_TRUE(outcome->states.contains(state)) << text << "\nunder " << sim::name_of(model) << ": " << shown;
  }
  agreement.allowed += outcome->states.size();
}

Agreement compare_many(sim::MemoryModel model, unsigned programs, unsigned runs) {
  std::mt19937 random(7);
  Agreement agreement;
  for (unsigned i = 0; i < programs; ++i) {
    compare(random_program(random, model == sim::MemoryModel::c11), model, runs, agreement);
  }
  return agreement;
}

TEST(MachineAndAxioms, UnderSequentialConsistency) {
  const Agreement a = compare_many(sim::MemoryModel::sc, 150, 1500);
  EXPECT_EQ(a.reached, a.allowed);
}
TEST(MachineAndAxioms, OnX86) {
  const Agreement a = compare_many(sim::MemoryModel::tso, 150, 1500);
  EXPECT_GE(a.reached * 100, a.allowed * 95) << a.reached << " of " << a.allowed;
}
TEST(MachineAndAxioms, InCpp) {
  const Agreement a = compare_many(sim::MemoryModel::c11, 150, 1500);
  EXPECT_GE(a.reached * 100, a.allowed * 80) << a.reached << " of " << a.allowed;
}
TEST(MachineAndAxioms, InTheKernel) {
  const Agreement a = compare_many(sim::MemoryModel::kernel, 150, 1500);
  EXPECT_GE(a.reached * 100, a.allowed * 80) << a.reached << " of " << a.allowed;
}

}  // namespace
}  // namespace rcufarm::litmus
