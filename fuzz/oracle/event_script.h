// For tests: a run told to the oracles event by event.
//
// Job: short words for events, so that a test reads like the program that it stands for. Owns a panel without a machine.
#pragma once

#include <cstdint>

#include "oracle/panel.h"

namespace rcufarm::oracle {

class EventScript {
 public:
  // Begins with so many objects from the slab, 1, 2, …
  explicit EventScript(std::uint32_t objects = 0) : panel_(nullptr) {
    panel_.reset();
    for (std::uint32_t object = 1; object <= objects; ++object) slab_gives(object);
  }

  // ---- the machine ---------------------------------------------------------------------------------------------------
  EventScript& slab_gives(std::uint32_t object, const char* what = "slab", bool charged = false) {
    sim::Event e = event(sim::EventKind::alloc, sim::main_context, "grow");
    e.object = object;
    e.bytes = 64;
    e.value = charged ? 1 : 0;
    e.text = what;
    return send(e);
  }
  EventScript& slab_gives_nothing(sim::ContextId context) {
    return send(event(sim::EventKind::alloc_failed, context, "grow"));
  }
  EventScript& slab_takes(std::uint32_t object) {
    sim::Event e = event(sim::EventKind::free, sim::callback_context(kernel::RcuFlavor::regular, 0), "shrink");
    e.object = object;
    return send(e);
  }
  EventScript& enters(unsigned task, kernel::RcuFlavor flavor) {
    sim::Event e = event(sim::EventKind::section_begin, sim::task_context(task), "reader");
    e.flavor = flavor;
    return send(e);
  }
  EventScript& leaves(unsigned task, kernel::RcuFlavor flavor) {
    sim::Event e = event(sim::EventKind::section_end, sim::task_context(task), "reader");
    e.flavor = flavor;
    return send(e);
  }
  EventScript& takes_objcg(bool there_is_one) {
    sim::Event e = event(sim::EventKind::objcg_get, sim::main_context, "init");
    e.value = there_is_one ? 1 : 0;
    return send(e);
  }
  EventScript& puts_objcg() { return send(event(sim::EventKind::objcg_put, sim::main_context, "destroy")); }
  EventScript& reports(sim::EventKind kind, const char* text) {
    sim::Event e = event(kind, sim::task_context(0), "refill");
    e.text = text;
    return send(e);
  }

  // ---- the user ------------------------------------------------------------------------------------------------------
  struct Request {
    unsigned cache = 0;
    std::uint64_t bytes = 64;
    std::uint64_t slab_bytes = 72;
    unsigned task = 0;
    bool interrupts_on = true;
    bool can_be_had = true;
  };
  EventScript& alloc_gives(std::uint32_t object, const Request& r) {
    UserEvent u = begin_alloc(r);
    u.kind = UserEventKind::alloc_gave;
    u.object = object;
    u.slab_bytes = r.slab_bytes;
    u.user_offset = 8;
    panel_.on_user(u);
    return *this;
  }
  EventScript& alloc_gives(std::uint32_t object) { return alloc_gives(object, Request{}); }
  EventScript& alloc_gives_percpu(std::uint32_t object, std::uint32_t instances) {
    UserEvent u = begin_alloc(Request{});
    u.kind = UserEventKind::alloc_gave;
    u.object = object;
    u.instances = instances;
    u.slab_bytes = 72;
    panel_.on_user(u);
    return *this;
  }
  EventScript& makes_cache(bool has_objcg) {
    UserEvent u = user(UserEventKind::cache_made, UserCall::init);
    u.value = has_objcg ? 1 : 0;
    panel_.on_user(u);
    return *this;
  }
  EventScript& gets_no_cache(bool can_be_had) {
    UserEvent u = user(UserEventKind::cache_missing, UserCall::init);
    u.can_be_had = can_be_had;
    panel_.on_user(u);
    return *this;
  }
  EventScript& counts(const char* what, std::uint64_t said, std::uint64_t known) {
    UserEvent u = user(UserEventKind::counted, UserCall::none);
    u.text = what;
    u.value = said;
    u.bytes = known;
    panel_.on_user(u);
    return *this;
  }
  EventScript& alloc_gives_null(const Request& r) {
    UserEvent u = begin_alloc(r);
    u.kind = UserEventKind::alloc_gave_null;
    panel_.on_user(u);
    return *this;
  }
  EventScript& alloc_gives_null() { return alloc_gives_null(Request{}); }
  EventScript& frees(std::uint32_t object) { return frees_by(UserEventKind::free_begins, UserCall::free, object); }
  EventScript& frees_rcu(std::uint32_t object) {
    return frees_by(UserEventKind::free_rcu_begins, UserCall::free_rcu, object);
  }
  EventScript& raw_frees(std::uint32_t object) {
    return frees_by(UserEventKind::raw_free_begins, UserCall::raw_free, object);
  }
  EventScript& destroys(unsigned cache) {
    UserEvent u = user(UserEventKind::destroy_begins, UserCall::destroy);
    u.cache = static_cast<std::uint8_t>(cache);
    panel_.on_user(u);
    return *this;
  }
  EventScript& piles_up(std::uint64_t bytes, std::uint64_t unhurried, bool is_hurried) {
    panel_.on_user(user(UserEventKind::pile_begins, UserCall::none));
    if (is_hurried) send(event(sim::EventKind::urgent_qs, sim::irq_work_context(0), "refill"));
    UserEvent u = user(UserEventKind::piled, UserCall::free_rcu);
    u.bytes = bytes;
    u.value = unhurried;
    panel_.on_user(u);
    return *this;
  }
  EventScript& ends_a_round() {
    panel_.on_user(user(UserEventKind::settle_round, UserCall::none));
    return *this;
  }
  EventScript& passes(std::uint64_t objects) {
    UserEvent u = user(UserEventKind::settle_round, UserCall::none);
    u.value = objects;
    panel_.on_user(u);
    return *this;
  }
  EventScript& settles(std::uint64_t pending, std::uint64_t allowed) {
    UserEvent u = user(UserEventKind::settled, UserCall::none);
    u.value = pending;
    u.bytes = allowed;
    panel_.on_user(u);
    return *this;
  }

  // Another run.
  EventScript& begins_again() {
    panel_.reset();
    return *this;
  }

  // What was accused so far; at the end of a run that ended so.
  Kind accused() { return panel_.reached() ? conclude(sim::End::finished).kind : Kind::none; }
  Accusation conclude(sim::End end) {
    sim::Outcome outcome;
    outcome.end = end;
    return panel_.conclude(outcome);
  }

 private:
  static constexpr std::uint8_t cpu_of(sim::ContextId context) {
    return sim::kind_of(context) == sim::ContextKind::callback ? sim::no_cpu : std::uint8_t{0};
  }
  sim::Event event(sim::EventKind kind, sim::ContextId context, const char* function) {
    sim::Event e;
    e.kind = kind;
    e.context = context;
    e.cpu = cpu_of(context);
    e.step = ++step_;
    e.site.function = function;
    return e;
  }
  UserEvent user(UserEventKind kind, UserCall call, unsigned task = 0) {
    UserEvent u;
    u.kind = kind;
    u.call = call;
    u.context = sim::task_context(task);
    u.cpu = 0;
    u.step = ++step_;
    return u;
  }
  UserEvent begin_alloc(const Request& r) {
    UserEvent u = user(UserEventKind::alloc_begins, UserCall::alloc, r.task);
    u.cache = static_cast<std::uint8_t>(r.cache);
    u.bytes = r.bytes;
    u.interrupts_on = r.interrupts_on;
    u.can_be_had = r.can_be_had;
    panel_.on_user(u);
    return u;
  }
  EventScript& frees_by(UserEventKind kind, UserCall call, std::uint32_t object) {
    UserEvent u = user(kind, call);
    u.object = object;
    panel_.on_user(u);
    return *this;
  }
  EventScript& send(const sim::Event& e) {
    panel_.on_event(e);
    return *this;
  }

  Panel panel_;
  std::uint64_t step_ = 0;
};

}  // namespace rcufarm::oracle
