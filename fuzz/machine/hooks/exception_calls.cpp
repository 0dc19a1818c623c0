// Exceptions of the code under test, and the ways in which a C++ program ends for them.
//
// Job: remember where one was thrown, since whoever catches it does not know; make a finding of what nobody catches and of std::terminate().
// Its fibers' own; called in a run, but for what says otherwise.
#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <typeinfo>

#include "machine/hooks/code_under_test.h"
#include "machine/hooks/libc_calls.h"
#include "machine/hooks/places.h"

namespace rcufarm::hooks {

void end_run_for_exception(const char* text) {
  if (const sim::Site* thrown = CodeUnderTest::of_program().thread().thrown) end_run(text, *thrown);
  // By a library. The place of the last step has to do.
  const sim::Core& c = sim::core();
  end_run(text, c.sites.site(c.current->site));
}

namespace {

[[noreturn]] void end_by_terminate(const sim::Site& caller) {
  if (abi::__cxa_current_exception_type() != nullptr) end_run_for_exception("an exception is caught by nobody");
  end_run("std::terminate() was called", caller);
}

std::terminate_handler former = nullptr;

// Called by the library, for what only it knows: an exception that leaves a destructor, a call of a pure virtual function.
[[noreturn]] void on_terminate() {
  if (in_run()) end_by_terminate(RCUFARM_CALLER);
  if (former != nullptr) former();
  std::abort();
}

}  // namespace

void watch_for_terminate() {
  [[maybe_unused]] static const bool installed = (former = std::set_terminate(&on_terminate), true);
}

}  // namespace rcufarm::hooks

extern "C" {
using namespace rcufarm;
using namespace rcufarm::hooks;

[[noreturn]] void rcufarm_met___cxa_throw(void* object, std::type_info* type, void (*destroy)(void*)) {
  if (in_run()) CodeUnderTest::of_program().thread().thrown = &RCUFARM_CALLER;
  abi::__cxa_throw(object, type, destroy);
}
[[noreturn]] void rcufarm_met__ZSt9terminatev() {
  if (!in_run()) std::terminate();
  end_by_terminate(RCUFARM_CALLER);
}
}
