#include "report/wording.h"

#include <fmt/format.h>

#include <cctype>
#include <cstring>
#include <fstream>
#include <string_view>

#include "oracle/words.h"

namespace rcufarm::report {

using kernel::RcuFlavor;
using oracle::Kind;
using oracle::UserEventKind;
using sim::EventKind;
using sim::Op;

namespace {

// Where it happens. Of a pointer that was null nothing else is known than the field of what it was taken for.
std::string word_of(const Step& s, const Namer& namer) {
  if (!s.is(EventKind::violation) || std::strcmp(s.event.text, sim::null_pointer_text) != 0) {
    return namer.word(s.where, s.event.address);
  }
  const auto offset = reinterpret_cast<std::uintptr_t>(s.event.address);
  return offset == 0 ? "NULL" : fmt::format("NULL+{}", offset);
}

std::string pointer(const Step& s, const Namer& namer, bool other) {
  const std::uint64_t raw = other ? s.event.other : s.event.value;
  return raw == 0 ? "NULL" : namer.value(raw, other ? s.other : s.value);
}

std::string number(const Step& s, const Namer& namer, bool other) {
  return namer.value(other ? s.event.other : s.event.value, other ? s.other : s.value);
}

const char* name_of(Op op, const Namer& namer) {
  return sim::name_of(op, namer.is_user_space() ? sim::Vocabulary::user_space : sim::Vocabulary::kernel);
}

const char* order_suffix(kernel::Order order, Orders orders) {
  switch (order) {
    case kernel::Order::relaxed: return "_relaxed";
    case kernel::Order::acquire: return orders == Orders::all ? "_acquire" : "";
    case kernel::Order::release: return orders == Orders::all ? "_release" : "";
    case kernel::Order::acq_rel: return orders == Orders::all ? "_acq_rel" : "";
    case kernel::Order::seq_cst: return "";
  }
  return "";
}

std::string op_name(const sim::Event& e, Orders orders) {
  return std::string(sim::name_of(e.op)) + order_suffix(e.order, orders);
}

std::string del_first(const Step& s, const std::string& word, const Namer& namer) {
  if (s.event.made == 0) return fmt::format("llist_del_first({}) looks: {} is first", word, pointer(s, namer, false));
  return fmt::format("llist_del_first({}) -> {}, leaves {}", word, pointer(s, namer, true), pointer(s, namer, false));
}

std::string access_wording(const Step& s, const Namer& namer, Orders orders) {
  const sim::Event& e = s.event;
  const std::string word = word_of(s, namer);
  switch (e.op) {
    case Op::atomic_load: return fmt::format("{}({}) -> {}", op_name(e, orders), word, number(s, namer, false));
    case Op::atomic_store: return fmt::format("{}({}, {})", op_name(e, orders), word, number(s, namer, false));
    case Op::atomic_exchange:
      return fmt::format("{}({}, {}) -> {}", op_name(e, orders), word, number(s, namer, false), number(s, namer, true));
    case Op::atomic_compare_exchange:
      return fmt::format("{}({}, {}) -> {}{}", op_name(e, orders), word, number(s, namer, false),
                         number(s, namer, true), e.made != 0 ? "" : ", failed");
    case Op::plain_load:
    case Op::local_load: return fmt::format("read({}) -> {}", word, number(s, namer, false));
    case Op::plain_store:
    case Op::local_store:
      if (!s.is_value_known) return fmt::format("write({})", word);
      return fmt::format("write({}, {})", word, number(s, namer, false));
    case Op::llist_empty: return fmt::format("llist_empty({}) -> {}", word, e.value == 0 ? "true" : "false");
    case Op::llist_add:
    case Op::llist_add_batch:
    case Op::llist_set_all: return fmt::format("{}({}, {})", sim::name_of(e.op), word, pointer(s, namer, false));
    case Op::llist_del_all: return fmt::format("llist_del_all({}) -> {}", word, pointer(s, namer, true));
    case Op::llist_del_first: return del_first(s, word, namer);
    case Op::touch: return fmt::format("looks at {}", namer.thing(s.where));
    // These have events of their own.
    case Op::none:
    case Op::start:
    case Op::llist_add_local:
    case Op::llist_del_all_local:
    case Op::llist_del_first_local:
    case Op::irq_off:
    case Op::irq_on:
    case Op::lock:
    case Op::unlock:
    case Op::irq_work_claim:
    case Op::irq_work_raise:
    case Op::irq_work_sync:
    case Op::read_lock:
    case Op::read_unlock:
    case Op::call_rcu:
    case Op::synchronize_rcu:
    case Op::rcu_barrier:
    case Op::request_urgent_qs:
    case Op::slab_alloc:
    case Op::slab_free:
    case Op::percpu_alloc:
    case Op::percpu_free:
    case Op::queue_work:
    case Op::objcg_get:
    case Op::objcg_put:
    case Op::cpu_relax:
    case Op::migrate:
    case Op::call:
    case Op::wait: break;
  }
  return fmt::format("{}({})", sim::name_of(e.op), word);
}

const char* barrier_name(RcuFlavor flavor) {
  return flavor == RcuFlavor::regular ? "rcu_barrier()" : "rcu_barrier_tasks_trace()";
}
const char* synchronize_name(RcuFlavor flavor) {
  return flavor == RcuFlavor::regular ? "synchronize_rcu()" : "synchronize_rcu_tasks_trace()";
}
const char* lock_name(RcuFlavor flavor, bool lock) {
  if (flavor == RcuFlavor::regular) return lock ? "rcu_read_lock()" : "rcu_read_unlock()";
  return lock ? "rcu_read_lock_trace()" : "rcu_read_unlock_trace()";
}
const char* call_name(const sim::Event& e) {
  if (e.flavor == RcuFlavor::tasks_trace) return "call_rcu_tasks_trace";
  return e.value != 0 ? "call_rcu_hurry" : "call_rcu";
}

std::string free_wording(const sim::Event& e, const Namer& namer) {
  const Op op = namer.is_caches(e.object) ? Op::percpu_free : e.op;
  return fmt::format("{}({})", name_of(op, namer), namer.allocation(e.object));
}

std::string event_wording(const Step& s, const Namer& namer, Orders orders) {
  const sim::Event& e = s.event;
  const auto word = [&] { return word_of(s, namer); };
  const char* op_name = name_of(e.op, namer);
  switch (e.kind) {
    case EventKind::access: return access_wording(s, namer, orders);
    case EventKind::call_begin: return "a call begins";
    case EventKind::call_end: return "the call returns";
    case EventKind::alloc: return fmt::format("{}({}) -> {}", op_name, e.bytes, namer.allocation(e.object));
    case EventKind::alloc_failed: return fmt::format("{}({}) -> NULL", op_name, e.bytes);
    case EventKind::free: return free_wording(e, namer);
    case EventKind::call_rcu: return fmt::format("{}({})", call_name(e), word());
    case EventKind::callback_begin: return fmt::format("callback of {} begins", word());
    case EventKind::callback_end: return "the callback has ended";
    case EventKind::grace_period: return fmt::format("{} grace period: older readers have left", flavor_name(e.flavor));
    case EventKind::section_begin: return lock_name(e.flavor, true);
    case EventKind::section_end: return lock_name(e.flavor, false);
    case EventKind::synchronize_begin: return synchronize_name(e.flavor);
    case EventKind::synchronize_end: return fmt::format("{} returns", synchronize_name(e.flavor));
    case EventKind::barrier_begin: return barrier_name(e.flavor);
    case EventKind::barrier_end: return fmt::format("{} returns", barrier_name(e.flavor));
    case EventKind::urgent_qs: return "rcu_request_urgent_qs()";
    case EventKind::irq_work_claimed: return fmt::format("irq_work_queue({}) claims it", word());
    case EventKind::irq_work_raised: return fmt::format("irq_work_queue({}) raises it", word());
    case EventKind::irq_work_begin: return fmt::format("irq_work {} begins", word());
    case EventKind::irq_work_end: return fmt::format("irq_work {} has ended", word());
    case EventKind::program_raised: return fmt::format("p{} is to come", e.value);
    case EventKind::program_begin: return fmt::format("p{} comes", number_in_kind(e.context));
    case EventKind::program_end: return fmt::format("p{} is over", number_in_kind(e.context));
    case EventKind::work_queued: return fmt::format("queue_work({})", namer.thing(s.where));
    case EventKind::work_begin: return fmt::format("work {} begins", namer.thing(s.where));
    case EventKind::work_end: return "the work has ended";
    case EventKind::task_begin: return "the task begins";
    case EventKind::task_end: return "the task has ended";
    case EventKind::migrate: return fmt::format("comes from CPU {}", e.value);
    case EventKind::objcg_get: return "get_obj_cgroup_from_current()";
    case EventKind::objcg_put: return "obj_cgroup_put()";
    case EventKind::warn: return fmt::format("WARN: {}", e.text);
    case EventKind::misuse: return fmt::format("reports misuse: {}", e.text);
    case EventKind::violation:
      if (e.op == Op::slab_free || e.op == Op::percpu_free) return free_wording(e, namer);
      return fmt::format("{}({})", op_name, word());
    case EventKind::context_switch: return "goes on";
    case EventKind::irq_off: return "local_irq_save()";
    case EventKind::irq_on: return "local_irq_restore()";
    case EventKind::lock:
    case EventKind::unlock: return fmt::format("{}({})", op_name, word());
    case EventKind::blocked: return fmt::format("waits in {}", op_name);
  }
  return "";
}

std::string user_wording(const oracle::UserEvent& u, const Namer& namer) {
  const char* call = namer.call(u.call);
  switch (u.kind) {
    case UserEventKind::cache_made: return fmt::format("{}({}) makes allocator {}", call, u.bytes, u.cache);
    case UserEventKind::cache_missing: return fmt::format("{}({}) got no memory", call, u.bytes);
    case UserEventKind::alloc_begins: return fmt::format("{}({}) begins", call, u.bytes);
    case UserEventKind::alloc_gave: return fmt::format("{}({}) -> obj {}", call, u.bytes, u.object);
    case UserEventKind::alloc_gave_null: return fmt::format("{}({}) -> NULL", call, u.bytes);
    case UserEventKind::free_begins:
    case UserEventKind::free_rcu_begins:
    case UserEventKind::raw_free_begins: return fmt::format("{}(obj {})", call, u.object);
    case UserEventKind::call_ended: return fmt::format("{}(obj {}) returns", call, u.object);
    case UserEventKind::reference_taken: return fmt::format("a reader has obj {} in hand", u.object);
    case UserEventKind::reference_dropped: return fmt::format("the reader lets obj {} go", u.object);
    case UserEventKind::destroy_begins: return fmt::format("{}()", call);
    case UserEventKind::destroy_ended: return fmt::format("{}() returns", call);
    case UserEventKind::settle_round: return "grace periods have passed, irq_work was served";
    case UserEventKind::not_recovered: return fmt::format("{} gives nothing, again and again", call);
    case UserEventKind::content_changed: return "finds other bytes than were written";
    case UserEventKind::counted: return fmt::format("{}: it counts {}, there are {}", u.text, u.value, u.bytes);
    case UserEventKind::pile_begins: return "a reader stays inside, and more and more is freed by free_rcu";
    case UserEventKind::piled:
      return fmt::format("{} bytes wait; from {} on the grace period is to be asked to hurry", u.bytes, u.value);
    case UserEventKind::settled: return fmt::format("{} objects pending, {} allowed", u.value, u.bytes);
  }
  return "";
}

}  // namespace

std::string wording_of(const Step& step, const Namer& namer, Orders orders) {
  return step.is_user ? user_wording(step.user, namer) : event_wording(step, namer, orders);
}

namespace {

// Does the kind have several reasons, of which the finding's says more than what the kind means?
bool reason_comes_first(Kind kind) {
  switch (kind) {
    case Kind::bad_free:
    case Kind::wrong_size:
    case Kind::wrong_list:
    case Kind::pending_does_not_fall:
    case Kind::memory_grows:
    case Kind::callback_on_freed_cache:
    case Kind::freed_in_use:
    case Kind::corrupted_list:
    case Kind::crash:
    case Kind::queued_twice:
    case Kind::illegal_context:
    case Kind::unbalanced:
    case Kind::warning:
    case Kind::misuse_report:
    case Kind::deadlock:
    case Kind::no_end: return true;
    case Kind::none:
    case Kind::leak:
    case Kind::handed_out_twice:
    case Kind::freed_under_user:
    case Kind::freed_twice:
    case Kind::reused_under_reader:
    case Kind::returned_under_reader:
    case Kind::spurious_null:
    case Kind::not_charged:
    case Kind::wrong_count:
    case Kind::use_after_free:
    case Kind::data_race:
    case Kind::freed_without_happens_before:
    case Kind::double_lock:
    case Kind::corrupted:
    case Kind::slab_misuse:
    case Kind::kernel_misuse:
    case Kind::no_progress:
    case Kind::asan:
    case Kind::tsan:
    case Kind::ubsan:
    case Kind::hang:
    case Kind::nondeterminism: return false;
  }
  return false;
}

// What the kind means behind a reason: which of its cases it is, the reason has said.
std::string meaning_behind_reason(Kind kind, bool is_user_space) {
  if (kind == Kind::corrupted_list || kind == Kind::crash) return "a broken pointer was used";
  if (kind == Kind::no_end) return "the run did not end";
  if (kind == Kind::pending_does_not_fall) return "deferred objects do not come back";
  return is_user_space ? oracle::meaning_in_user_space(kind) : oracle::meaning_of(kind);
}

// " (c0.rcu_ttrace)", " (obj 7)", or "".
std::string told_thing(Target accused, const Namer& namer) {
  if (accused.serial == 0) return "";
  return fmt::format(" ({})", namer.is_caches(accused.serial) ? namer.word(accused) : namer.allocation(accused.serial));
}

}  // namespace

std::string verdict_wording(const harness::SimFinding& finding, Target accused, const Namer& namer) {
  const Kind kind = finding.kind;
  if (kind == Kind::leak && accused.serial != 0) {
    return fmt::format("{} is never given back", namer.allocation(accused.serial));
  }
  const std::string thing = told_thing(accused, namer);
  if (finding.reason == sim::null_pointer_text) return finding.reason + " was followed" + thing;
  if (finding.reason.empty() || !reason_comes_first(kind)) {
    return (namer.is_user_space() ? oracle::meaning_in_user_space(kind) : oracle::meaning_of(kind)) + thing;
  }
  return finding.reason + thing + ": " + meaning_behind_reason(kind, namer.is_user_space());
}

std::string short_file(const char* file) {
  const std::string_view path = file;
  for (const std::string_view root : {"alloc/", "fuzz/", "kernel/bpf/"}) {
    const std::size_t at = path.rfind(root);
    if (at != std::string_view::npos && (at == 0 || path[at - 1] == '/')) return std::string(path.substr(at));
  }
  return std::string(path);
}

namespace {

// The name of the function whose body a line is in, by the source's layout: a definition begins at the margin, with a type. "": the
// source is not at hand, or has another layout.
std::string enclosing_function(const sim::Site& site) {
  std::ifstream in(site.file);
  std::string name;
  std::string text;
  for (unsigned line = 1; line <= site.line && std::getline(in, text); ++line) {
    const std::size_t open = text.find('(');
    const bool is_at_margin =
        !text.empty() && (std::isalpha(static_cast<unsigned char>(text[0])) != 0 || text[0] == '_');
    if (!is_at_margin || open == std::string::npos) continue;
    const std::size_t begin = text.find_last_of(" *&:", open);
    if (begin != std::string::npos && begin + 1 < open) name = text.substr(begin + 1, open - begin - 1);
  }
  return in ? name : "";
}

}  // namespace

std::string function_name(const sim::Site& site) {
  if (std::strcmp(site.function, "operator()") != 0) return std::string(site.function) + "()";
  if (const std::string name = enclosing_function(site); !name.empty()) return name + "()";
  const std::string file = short_file(site.file);
  return "a lambda in " + file.substr(file.rfind('/') + 1);
}

std::string context_name(sim::ContextId context, const scenario::Scenario& scenario) {
  const unsigned n = sim::number_in_kind(context);
  switch (sim::kind_of(context)) {
    case sim::ContextKind::task: return fmt::format("task t{}", n);
    case sim::ContextKind::main: return "main";
    case sim::ContextKind::program: {
      const bool nmi = n < scenario.programs.size() && scenario.programs[n].kind == scenario::ProgramKind::nmi;
      return fmt::format("{} p{}", nmi ? "nmi" : "irq", n);
    }
    case sim::ContextKind::irq_work: return "irq_work";
    case sim::ContextKind::callback: return "callback";
    case sim::ContextKind::worker: return "workqueue";
    case sim::ContextKind::idle: return "idle";
  }
  return "";
}

const char* flavor_name(RcuFlavor flavor) { return flavor == RcuFlavor::regular ? "regular" : "tasks-trace"; }

}  // namespace rcufarm::report
