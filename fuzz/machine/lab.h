// What tests of the machine stand on: programs as lambdas, and what all of their schedules give.
//
// Job: keep the tests short. Tests only. A Lab is made per test; fields of the code under test live in `cell`s, in the
// machine's memory, at the same place in each run.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "kernel/kernel.h"
#include "machine/explore.h"
#include "machine/machine.h"
#include "machine/search/strategy_exhaustive.h"
#include "machine/search/strategy_random.h"
#include "machine/search/strategy_replay.h"

namespace rcufarm::sim {

using kernel::Atomic;
using kernel::Gfp;
using kernel::IrqGuard;
using kernel::Order;
using kernel::Plain;
using kernel::RawSpinLock;
using kernel::RawSpinLockGuard;
using kernel::RcuFlavor;
using kernel::ReadSection;

// A T that is made afresh at the beginning of each run. Declare it after its Lab.
template <class T>
class Cell {
 public:
  Cell() = default;
  ~Cell() { drop(); }
  Cell(const Cell&) = delete;
  Cell& operator=(const Cell&) = delete;

  T& operator*() const { return *value_; }
  T* operator->() const { return value_; }

 private:
  friend class Lab;
  // That of the run before is ended by the host: runs that are left in the middle end nothing.
  void drop() {
    if (value_ != nullptr) std::destroy_at(value_);
    value_ = nullptr;
  }
  T* value_ = nullptr;
};

class Lab {
 public:
  using Body = std::function<void()>;
  // Ways a run ended, or what a test said about it, and how often.
  using Counts = std::map<std::string, std::uint64_t>;

  Machine machine;
  Settings settings;

  template <class T>
  Lab& cell(Cell<T>& cell) {
    makers_.push_back([this, &cell] {
      cell.drop();
      cell.value_ = new (machine.host_memory(sizeof(T))) T;
    });
    return *this;
  }
  Lab& first(Body body) { return set(prologue_, std::move(body)); }
  Lab& last(Body body) { return set(epilogue_, std::move(body)); }
  Lab& task(unsigned cpu, Body body) { return add(tasks_, cpu, std::move(body)); }
  Lab& irq(unsigned cpu, Body body) { return program(kernel::Context::irq, cpu, std::move(body)); }
  Lab& nmi(unsigned cpu, Body body) { return program(kernel::Context::nmi, cpu, std::move(body)); }
  // Programs come at any moment from the beginning of the tasks on.
  Lab& raise_all() {
    raise_all_ = true;
    return *this;
  }

  Outcome run(Strategy& strategy) {
    if (changed_) prepare();
    return machine.run(settings, program_, strategy);
  }
  // Each schedule with at most so many preemptions; `say` describes a run that finished. Violations say their kind.
  Counts all(unsigned preemptions, const std::function<std::string()>& say) {
    ExhaustiveStrategy strategy(preemptions);
    Counts counts;
    while (strategy.begin_run(0)) ++counts[describe(run(strategy), say)];
    EXPECT_TRUE(strategy.complete());
    return counts;
  }
  Counts all(unsigned preemptions) {
    return all(preemptions, [] { return std::string("finished"); });
  }
  // The plain order.
  Outcome once() {
    ReplayStrategy plain;
    return run(plain);
  }
  static std::string describe(const Outcome& outcome, const std::function<std::string()>& say) {
    switch (outcome.end) {
      case End::finished: return say();
      case End::violation: return name_of(outcome.violation.kind);
      case End::points: return "points";
      case End::limit: return outcome.limit;
      case End::unknown_word:
      case End::given_up: return name_of(outcome.end);
    }
    return "unknown";
  }

 private:
  struct Part {
    unsigned cpu;
    kernel::Context kind;
    Body body;
  };

  static void call(void* body) { (*static_cast<Body*>(body))(); }
  static void prologue(void* self) {
    Lab& lab = *static_cast<Lab*>(self);
    for (const Body& make : lab.makers_) make();
    if (lab.prologue_) lab.prologue_();
    for (unsigned i = 0; lab.raise_all_ && i < lab.programs_.size(); ++i) lab.machine.raise(i);
  }
  static void epilogue(void* self) {
    Lab& lab = *static_cast<Lab*>(self);
    if (!lab.programs_.empty()) lab.machine.quiesce_programs();
    if (lab.epilogue_) lab.epilogue_();
  }
  void prepare() {
    changed_ = false;
    task_specs_.clear();
    for (Part& part : tasks_) task_specs_.push_back({&call, &part.body, part.cpu});
    program_specs_.clear();
    for (Part& part : programs_) program_specs_.push_back({&call, &part.body, part.cpu, part.kind});
    program_ = Program{&prologue, &epilogue, this, task_specs_, program_specs_};
  }
  Lab& set(Body& where, Body body) {
    where = std::move(body);
    return *this;
  }
  Lab& add(std::vector<Part>& parts, unsigned cpu, Body body, kernel::Context kind = kernel::Context::task) {
    parts.push_back(Part{cpu, kind, std::move(body)});
    changed_ = true;
    return *this;
  }
  Lab& program(kernel::Context kind, unsigned cpu, Body body) { return add(programs_, cpu, std::move(body), kind); }

  bool changed_ = true;
  Program program_;
  std::vector<TaskSpec> task_specs_;
  std::vector<ProgramSpec> program_specs_;
  std::vector<Body> makers_;
  Body prologue_;
  Body epilogue_;
  std::vector<Part> tasks_;
  std::vector<Part> programs_;
  bool raise_all_ = false;
};

inline std::string both(int a, int b) { return std::to_string(a) + std::to_string(b); }
// Enough for every schedule of a small program.
inline constexpr unsigned any_number = 1000;

}  // namespace rcufarm::sim
