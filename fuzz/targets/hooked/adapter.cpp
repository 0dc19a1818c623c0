// The adapter of alloc/mem where that is compiled through the hooks.
//
// Job: alloc/mem's table, with what the harness has to know of code whose accesses a compiler announces. Compiled once for each copy
// of the allocator, and instrumented as that is: the fast path is inlined here.
#include "harness/sim/mem_adapter.h"
#include "machine/hooks/code_under_test.h"
#include "machine/hooks/places.h"

#include <cstring>

namespace rcufarm::harness {

namespace {

SimAllocator hooked_table() {
  SimAllocator table = mem_adapter::table;
  table.name = "alloc/mem, compiled through the hooks";
  table.announced = true;
  table.place_of = [](const void* return_address) {
    const sim::Site& site = hooks::place_of(return_address);
    return std::strcmp(site.function, "unknown") != 0 ? site : sim::Site{};
  };
  table.begin_run = [] {
    hooks::CodeUnderTest& code = hooks::CodeUnderTest::of_program();
    code.meaning = {.says_where_it_waits = true};
    code.begin_run();
  };
  // These are questions, and no steps of the run.
  table.accounts = [](const void* instance) {
    const hooks::Unwatched here;
    return mem_adapter::accounts_of(instance);
  };
  table.ready = [](const void* instance, std::size_t size) {
    const hooks::Unwatched here;
    return mem_adapter::ready_of(instance, size);
  };
  table.state = [](const void* instance) {
    const hooks::Unwatched here;
    return mem_adapter::state_of(instance);
  };
  return table;
}

}  // namespace

const SimAllocator& linked_sim_allocator() {
  static const SimAllocator table = hooked_table();
  return table;
}

}  // namespace rcufarm::harness
