// A program for tests of proofs: two tasks on a CPU each, which take an object of one cache, and one of which gives it back by
// free_rcu. Some hundred executions under sc.
#pragma once

#include "scenario/scenario.h"

namespace rcufarm::harness {

inline scenario::Scenario two_tasks() {
  scenario::Scenario scenario;
  scenario.machine.cpus = 2;
  scenario.caches.add().size = 64;
  scenario.tasks.add().ops = {{.kind = scenario::OpKind::alloc}, {.kind = scenario::OpKind::free_rcu}};
  scenario::Task& other = scenario.tasks.add();
  other.cpu = 1;
  other.ops = {{.kind = scenario::OpKind::alloc}};
  return scenario;
}

}  // namespace rcufarm::harness
