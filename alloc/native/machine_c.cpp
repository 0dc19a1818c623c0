// The C functions of rcufarm_machine.h over Machine and CpuOwner.
//
// Job: names and types, and a place for what RAII keeps in C++: each thread has its CpuOwner and its read sections.
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>

#include "native/die.h"
#include "native/limits.h"
#include "native/machine.h"
#include "native/port/rcu.h"
#include "native/rcufarm_machine.h"

using rcufarm::kernel::Cpu;
using rcufarm::kernel::RcuFlavor;
using rcufarm::kernel::ReadSection;
using rcufarm::native::CpuOwner;
using rcufarm::native::die;
using rcufarm::native::Machine;
using rcufarm::native::MachineConfig;
namespace limits = rcufarm::native::limits;

struct rcufarm_machine {
  explicit rcufarm_machine(const MachineConfig& config) : machine(config) {}
  Machine machine;
};

namespace {

struct Sections {
  std::array<std::optional<ReadSection>, limits::read_nesting_max> nested;
  unsigned depth = 0;
};

thread_local std::optional<CpuOwner> owner;
thread_local rcufarm_machine* attached_to = nullptr;
thread_local std::array<Sections, rcufarm::kernel::rcu_flavor_count> sections;

RcuFlavor of(rcufarm_rcu_flavor flavor) {
  switch (flavor) {
    case RCUFARM_RCU_REGULAR: return RcuFlavor::regular;
    case RCUFARM_RCU_TASKS_TRACE: return RcuFlavor::tasks_trace;
  }
  die("no such RCU flavour");
}

Sections& sections_of(rcufarm_rcu_flavor flavor) { return sections[static_cast<unsigned>(of(flavor))]; }

bool exists(rcufarm_machine* machine, int cpu) {
  return cpu >= 0 && static_cast<unsigned>(cpu) < machine->machine.config().cpus;
}

}  // namespace

extern "C" {

rcufarm_machine* rcufarm_machine_create(unsigned cpus, bool trace_implies_rcu_gp) {
  MachineConfig config;
  config.cpus = cpus;
  config.rcu_trace_implies_rcu_gp = trace_implies_rcu_gp;
  if (!problem_with(config).empty()) return nullptr;
  return std::make_unique<rcufarm_machine>(config).release();
}

void rcufarm_machine_destroy(rcufarm_machine* machine) { const std::unique_ptr<rcufarm_machine> owned(machine); }

void rcufarm_machine_settle(rcufarm_machine* machine) { machine->machine.settle(); }

size_t rcufarm_machine_live_objects(rcufarm_machine* machine) { return machine->machine.slab().live().size(); }

uint64_t rcufarm_machine_reports(rcufarm_machine* machine) { return machine->machine.reports().count(); }

void rcufarm_machine_print_reports(rcufarm_machine* machine) {
  std::fputs(machine->machine.reports().print().c_str(), stderr);
}

int rcufarm_thread_attach(rcufarm_machine* machine, int cpu) {
  if (owner) die("rcufarm_thread_attach: the thread is attached already");
  if (cpu == RCUFARM_ANY_CPU) {
    owner.emplace(machine->machine);
  } else if (exists(machine, cpu)) {
    owner.emplace(machine->machine, static_cast<Cpu>(cpu));
  } else {
    return -EINVAL;
  }
  attached_to = machine;
  return 0;
}

void rcufarm_thread_detach(void) {
  if (!owner) die("rcufarm_thread_detach: the thread is not attached");
  owner.reset();
  attached_to = nullptr;
}

int rcufarm_thread_migrate(int cpu) {
  if (!owner) die("rcufarm_thread_migrate: the thread is not attached");
  if (!exists(attached_to, cpu)) return -EINVAL;
  owner->migrate(static_cast<Cpu>(cpu));
  return 0;
}

void rcufarm_rcu_read_lock(rcufarm_rcu_flavor flavor) {
  Sections& mine = sections_of(flavor);
  if (mine.depth == mine.nested.size()) die("rcufarm_rcu_read_lock: nested too deep");
  mine.nested[mine.depth++].emplace(of(flavor));
}

void rcufarm_rcu_read_unlock(rcufarm_rcu_flavor flavor) {
  Sections& mine = sections_of(flavor);
  if (mine.depth == 0) die("rcufarm_rcu_read_unlock: not in a read section");
  mine.nested[--mine.depth].reset();
}

void rcufarm_synchronize_rcu(rcufarm_rcu_flavor flavor) { rcufarm::kernel::synchronize_rcu(of(flavor)); }

void rcufarm_rcu_barrier(rcufarm_rcu_flavor flavor) { rcufarm::kernel::rcu_barrier(of(flavor)); }

}  // extern "C"
