// The names of things, for people and for text forms.
//
// Job: exhaustive tables. Pure.
#include <algorithm>
#include <charconv>

#include "machine/engine/events.h"
#include "machine/machine.h"

namespace rcufarm::sim {

namespace {

// A number below `bound`, and nothing behind it.
bool number_of(std::string_view text, unsigned bound, unsigned& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number < bound;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// The queues of a flavour: with a CPU's number behind it, a context's name.
std::string callbacks_of(kernel::RcuFlavor flavor) {
  switch (flavor) {
    case kernel::RcuFlavor::regular: return "regular.c";
    case kernel::RcuFlavor::tasks_trace: return "ttrace.c";
  }
  return "unknown.c";
}

bool take_callbacks(std::string_view& text, kernel::RcuFlavor& flavor) {
  for (unsigned f = 0; f < kernel::rcu_flavor_count; ++f) {
    flavor = static_cast<kernel::RcuFlavor>(f);
    if (take(text, callbacks_of(flavor))) return true;
  }
  return false;
}

}  // namespace

std::string name_of(ContextId id) {
  const std::string number = std::to_string(number_in_kind(id));
  switch (kind_of(id)) {
    case ContextKind::task: return "t" + number;
    case ContextKind::main: return "main";
    case ContextKind::program: return "p" + number;
    case ContextKind::irq_work: return "irq_work.c" + number;
    case ContextKind::callback: return callbacks_of(flavor_of(id)) + number;
    case ContextKind::worker: return "worker";
    case ContextKind::idle: return "idle";
  }
  return "unknown";
}

bool context_of(std::string_view name, ContextId& id) {
  unsigned number = 0;
  if (name == "main") {
    id = main_context;
  } else if (name == "worker") {
    id = worker_context;
  } else if (take(name, "irq_work.c")) {
    if (!number_of(name, cpus_max, number)) return false;
    id = irq_work_context(number);
  } else if (kernel::RcuFlavor flavor{}; take_callbacks(name, flavor)) {
    if (!number_of(name, cpus_max, number)) return false;
    id = callback_context(flavor, number);
  } else if (take(name, "t")) {
    if (!number_of(name, tasks_max, number)) return false;
    id = task_context(number);
  } else if (take(name, "p")) {
    if (!number_of(name, programs_max, number)) return false;
    id = program_context(number);
  } else {
    return false;
  }
  return true;
}

const char* name_of(Op op, Vocabulary vocabulary) {
  if (vocabulary == Vocabulary::user_space) {
    switch (op) {
      case Op::lock: return "pthread_mutex_lock";
      case Op::unlock: return "pthread_mutex_unlock";
      case Op::slab_alloc:
      case Op::percpu_alloc: return "malloc";
      case Op::slab_free:
      case Op::percpu_free: return "free";
      default: break;
    }
  }
  switch (op) {
    case Op::none: return "none";
    case Op::start: return "start";
    case Op::atomic_load: return "load";
    case Op::atomic_store: return "store";
    case Op::atomic_exchange: return "xchg";
    case Op::atomic_compare_exchange: return "cmpxchg";
    case Op::plain_load: return "read";
    case Op::plain_store: return "write";
    case Op::local_load: return "local_read";
    case Op::local_store: return "local_write";
    case Op::llist_empty: return "llist_empty";
    case Op::llist_add: return "llist_add";
    case Op::llist_add_batch: return "llist_add_batch";
    case Op::llist_del_all: return "llist_del_all";
    case Op::llist_del_first: return "llist_del_first";
    case Op::llist_set_all: return "llist_set_all";
    case Op::llist_add_local: return "__llist_add";
    case Op::llist_del_all_local: return "__llist_del_all";
    case Op::llist_del_first_local: return "__llist_del_first";
    case Op::irq_off: return "local_irq_save";
    case Op::irq_on: return "local_irq_restore";
    case Op::lock: return "raw_spin_lock";
    case Op::unlock: return "raw_spin_unlock";
    case Op::irq_work_claim: return "irq_work_claim";
    case Op::irq_work_raise: return "irq_work_raise";
    case Op::irq_work_sync: return "irq_work_sync";
    case Op::read_lock: return "rcu_read_lock";
    case Op::read_unlock: return "rcu_read_unlock";
    case Op::call_rcu: return "call_rcu";
    case Op::synchronize_rcu: return "synchronize_rcu";
    case Op::rcu_barrier: return "rcu_barrier";
    case Op::request_urgent_qs: return "rcu_request_urgent_qs";
    case Op::slab_alloc: return "kmalloc";
    case Op::slab_free: return "kfree";
    case Op::percpu_alloc: return "alloc_percpu";
    case Op::percpu_free: return "free_percpu";
    case Op::queue_work: return "queue_work";
    case Op::objcg_get: return "get_obj_cgroup_from_current";
    case Op::objcg_put: return "obj_cgroup_put";
    case Op::cpu_relax: return "cpu_relax";
    case Op::touch: return "touch";
    case Op::migrate: return "migrate";
    case Op::call: return "call";
    case Op::wait: return "wait";
  }
  return "unknown";
}

const char* name_of(EventKind kind) {
  switch (kind) {
    case EventKind::call_begin: return "call_begin";
    case EventKind::call_end: return "call_end";
    case EventKind::alloc: return "alloc";
    case EventKind::alloc_failed: return "alloc_failed";
    case EventKind::free: return "free";
    case EventKind::call_rcu: return "call_rcu";
    case EventKind::callback_begin: return "callback_begin";
    case EventKind::callback_end: return "callback_end";
    case EventKind::grace_period: return "grace_period";
    case EventKind::section_begin: return "section_begin";
    case EventKind::section_end: return "section_end";
    case EventKind::synchronize_begin: return "synchronize_begin";
    case EventKind::synchronize_end: return "synchronize_end";
    case EventKind::barrier_begin: return "barrier_begin";
    case EventKind::barrier_end: return "barrier_end";
    case EventKind::urgent_qs: return "urgent_qs";
    case EventKind::irq_work_claimed: return "irq_work_claimed";
    case EventKind::irq_work_raised: return "irq_work_raised";
    case EventKind::irq_work_begin: return "irq_work_begin";
    case EventKind::irq_work_end: return "irq_work_end";
    case EventKind::program_raised: return "program_raised";
    case EventKind::program_begin: return "program_begin";
    case EventKind::program_end: return "program_end";
    case EventKind::work_queued: return "work_queued";
    case EventKind::work_begin: return "work_begin";
    case EventKind::work_end: return "work_end";
    case EventKind::task_begin: return "task_begin";
    case EventKind::task_end: return "task_end";
    case EventKind::migrate: return "migrate";
    case EventKind::warn: return "warn";
    case EventKind::misuse: return "misuse";
    case EventKind::objcg_get: return "objcg_get";
    case EventKind::objcg_put: return "objcg_put";
    case EventKind::violation: return "violation";
    case EventKind::access: return "access";
    case EventKind::context_switch: return "context_switch";
    case EventKind::irq_off: return "irq_off";
    case EventKind::irq_on: return "irq_on";
    case EventKind::lock: return "lock";
    case EventKind::unlock: return "unlock";
    case EventKind::blocked: return "blocked";
  }
  return "unknown";
}

const char* name_of(ViolationKind kind) {
  switch (kind) {
    case ViolationKind::none: return "none";
    case ViolationKind::use_after_free: return "use-after-free";
    case ViolationKind::out_of_bounds: return "out-of-bounds";
    case ViolationKind::double_free: return "double-free";
    case ViolationKind::bad_free: return "bad-free";
    case ViolationKind::data_race: return "data-race";
    case ViolationKind::unordered_free: return "unordered-free";
    case ViolationKind::freed_while_queued: return "freed-while-queued";
    case ViolationKind::freed_while_locked: return "freed-while-locked";
    case ViolationKind::broken_batch: return "broken-batch";
    case ViolationKind::queued_twice: return "queued-twice";
    case ViolationKind::illegal_context: return "illegal-context";
    case ViolationKind::double_lock: return "double-lock";
    case ViolationKind::unbalanced: return "unbalanced";
    case ViolationKind::deadlock: return "deadlock";
    case ViolationKind::host: return "host";
  }
  return "unknown";
}

const char* name_of(End end) {
  switch (end) {
    case End::finished: return "finished";
    case End::violation: return "violation";
    case End::points: return "points";
    case End::limit: return "limit";
    case End::unknown_word: return "unknown word";
    case End::given_up: return "given up";
  }
  return "unknown";
}

DecisionKind decision_for(ChoiceKind kind) {
  switch (kind) {
    case ChoiceKind::allocation: return DecisionKind::fail;
    case ChoiceKind::load: return DecisionKind::read_store;
    case ChoiceKind::place: return DecisionKind::place_store;
  }
  return DecisionKind::fail;
}

std::optional<ChoiceKind> choice_of(DecisionKind kind) {
  switch (kind) {
    case DecisionKind::run:
    case DecisionKind::interrupt:
    case DecisionKind::callback:
    case DecisionKind::work: return std::nullopt;
    case DecisionKind::fail: return ChoiceKind::allocation;
    case DecisionKind::read_store: return ChoiceKind::load;
    case DecisionKind::place_store: return ChoiceKind::place;
  }
  return std::nullopt;
}

// A choice of two needs none.
bool has_value(DecisionKind kind) { return choice_of(kind) && kind != DecisionKind::fail; }

unsigned version_with(DecisionKind kind) { return kind == DecisionKind::place_store ? 2 : 1; }

unsigned version_of(const Schedule& schedule) {
  unsigned version = 1;
  for (const Deviation& d : schedule.deviations) version = std::max(version, version_with(d.kind));
  return version;
}

}  // namespace rcufarm::sim
