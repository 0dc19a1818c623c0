// The adapter of an adopted allocator: rcufarm_target.h behind the harness' table.
//
// Job: call what the target has, in the order that it was promised, and keep an exception from leaving. What the manifest says is in
// `rcufarm_manifest`, which the build makes (adopt.py). One instance, one thread of the machine.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <unordered_map>

#include "harness/sim/sim_allocator.h"
#include "machine/hooks/code_under_test.h"
#include "machine/hooks/libc_calls.h"
#include "machine/hooks/places.h"
#include "machine/machine.h"
#include "targets/adopted/manifest.h"
#include "targets/adopted/optional_calls.h"

namespace rcufarm {

namespace {

// That an allocator starts, and that have a CPU each.
constexpr unsigned threads_of_its_own = 3;

// Of this run.
struct State {
  bool is_made = false;
  std::size_t size = 0;                                // of objects of one size
  std::unordered_map<const void*, std::size_t> asked;  // of objects that are out
};
State state;

template <class Call>
auto guarded(Call call) -> decltype(call()) {
  try {
    return call();
  } catch (...) {
    hooks::end_run_for_exception("an exception leaves the allocator");
  }
  __builtin_unreachable();
}

// An allocator that never begins is clean in every schedule.
[[noreturn]] void give_up(int said) {
  std::fflush(stdout);
  std::fprintf(stderr,
               "rcufarm: rcufarm_target_init() said %d, and no memory had failed: the allocator does not begin. 0 "
               "means that it is ready.\n",
               said);
  _exit(2);
}

std::size_t size_of(std::size_t wanted) { return rcufarm_manifest.sizes[wanted % rcufarm_manifest.sizes_count]; }

void* alloc(void*, std::size_t bytes) {
  void* object = guarded([=] { return rcufarm_target_alloc(bytes); });
  if (object == nullptr) return nullptr;
  state.asked[object] = bytes;
  sim::core().memory.back(object, bytes);
  return object;
}

std::size_t asked_of(const void* object) {
  const auto known = state.asked.find(object);
  const std::size_t bytes = known == state.asked.end() ? 0 : known->second;
  if (known != state.asked.end()) state.asked.erase(known);
  return bytes;
}

void free(void*, void* object) {
  if (object == nullptr) return;
  const std::size_t bytes = asked_of(object);
  guarded([=] { rcufarm_target_free(object, bytes); });
}

void free_deferred(void*, void* object) {
  const std::size_t bytes = asked_of(object);
  guarded([=] { rcufarm_target_free_deferred(object, bytes); });
}

template <void (*Call)()>
void call_guarded() {
  guarded([] { Call(); });
}
template <void (*Call)()>
constexpr auto call_if(bool is_there) -> void (*)() {
  return is_there ? &call_guarded<Call> : nullptr;
}

void thread_end() {
  if (rcufarm_target_thread_end != nullptr) guarded([] { rcufarm_target_thread_end(); });
  guarded([] { hooks::CodeUnderTest::of_program().thread_ends(); });
}

sim::MemoryModel model() {
  sim::MemoryModel named = sim::MemoryModel::c11;
  sim::model_named(rcufarm_manifest.model, named);
  return named;
}

harness::UserSpace user_space() {
  return {
      .size_of = size_of,
      .thread_begin = call_if<rcufarm_target_thread_begin>(rcufarm_target_thread_begin != nullptr),
      .thread_end = thread_end,
      .read_lock = call_if<rcufarm_target_read_lock>(rcufarm_target_read_lock != nullptr),
      .read_unlock = call_if<rcufarm_target_read_unlock>(rcufarm_target_read_unlock != nullptr),
      .quiescent = call_if<rcufarm_target_quiescent>(rcufarm_target_quiescent != nullptr),
      .was_fair = [] { return hooks::CodeUnderTest::of_program().was_fair(); },
      .defers_in_sections = rcufarm_manifest.defers_in_sections,
      .memory_fails = rcufarm_manifest.memory_fails,
      .threads = rcufarm_manifest.starts_threads ? threads_of_its_own : 0,
      .link_bytes = rcufarm_manifest.link_bytes,
      .model = model(),
  };
}

// Threads of user space: no interrupts, no second kind of memory, and destroy comes when they have ended.
scenario::Language language(bool defers) {
  using scenario::OpKind;
  scenario::Language language{
      .operations = {OpKind::alloc, OpKind::free, OpKind::touch, OpKind::fail_next, OpKind::yield, OpKind::pause},
      .caches = {scenario::CacheKind::fixed, scenario::CacheKind::classes},
      .programs = {}};
  if (defers) {
    const scenario::Some<OpKind> more{OpKind::free_rcu, OpKind::enter, OpKind::leave, OpKind::synchronize};
    language.operations.bits |= more.bits;
  }
  return language;
}

oracle::KindSet meaningless() {
  using oracle::Kind;
  const bool keeps = rcufarm_target_destroy == nullptr;
  const bool may_refuse = !rcufarm_manifest.serves_while_memory;
  if (keeps && may_refuse) return {Kind::leak, Kind::spurious_null};
  return keeps ? oracle::KindSet{Kind::leak} : may_refuse ? oracle::KindSet{Kind::spurious_null} : oracle::KindSet{};
}

harness::SimAllocator table() {
  static const harness::UserSpace space = user_space();
  const bool defers = rcufarm_target_free_deferred != nullptr;
  return {
      .name = rcufarm_manifest.name,
      .bytes = sizeof(void*),
      .align = alignof(void*),
      .header_bytes = 0,
      .construct = [](void*) {},
      .init =
          [](void*, int size, bool) {
            state.size = static_cast<std::size_t>(size);
            const int said = guarded([] { return rcufarm_target_init(); });
            state.is_made = said == 0;
            if (!state.is_made && !hooks::CodeUnderTest::of_program().memory_has_failed) give_up(said);
            return state.is_made;
          },
      .alloc = alloc,
      .cache_alloc = [](void* instance) { return alloc(instance, state.size); },
      .cache_alloc_flags = nullptr,
      .free = free,
      .cache_free = free,
      .free_rcu = defers ? free_deferred : nullptr,
      .cache_free_rcu = defers ? free_deferred : nullptr,
      .raw_free = nullptr,
      .destroy =
          [](void*, bool) {
            if (!state.is_made) return;
            state.is_made = false;
            if (rcufarm_target_destroy != nullptr) guarded([] { rcufarm_target_destroy(); });
          },
      .accounts = nullptr,
      .ready = nullptr,
      .size_max = ~std::size_t{0},
      .percpu = false,
      .state = nullptr,
      .orders_by_cpp = rcufarm_manifest.accuses_races,
      .charges = false,
      .place_of =
          [](const void* return_address) {
            const sim::Site& site = hooks::place_of(return_address);
            return std::strcmp(site.function, "unknown") != 0 ? site : sim::Site{};
          },
      .announced = true,
      .trace_implies_rcu_gp = true,
      .readers = defers ? oracle::Readers::regular : oracle::Readers::none,
      .irq_work_in_thread = false,
      .language = language(defers),
      .meaningless = meaningless(),
      .user_space = &space,
      .begin_run =
          [] {
            hooks::watch_for_terminate();
            state.is_made = false;
            state.asked.clear();
            hooks::CodeUnderTest& code = hooks::CodeUnderTest::of_program();
            code.meaning = {.volatile_is_atomic = rcufarm_manifest.volatile_is_atomic,
                            .plain_is_atomic = rcufarm_manifest.plain_is_atomic,
                            .has_fences = rcufarm_manifest.has_fences};
            code.begin_run();
          },
  };
}

}  // namespace

namespace harness {
const SimAllocator& linked_sim_allocator() {
  static const SimAllocator all = table();
  return all;
}
}  // namespace harness

}  // namespace rcufarm
