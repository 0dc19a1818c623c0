#include "oracle/panel.h"

#include "oracle/counts.h"
#include "oracle/from_violation.h"
#include "oracle/leak.h"
#include "oracle/parties.h"

namespace rcufarm::oracle {

void Panel::reset(bool passes_harmless) {
  verdict_.reset(passes_harmless);
  sections_.reset();
  objects_.reset();
  life_.reset();
  size_.reset();
  spurious_null_.reset();
  settling_.reset();
  objcg_.reset();
  charges_.reset();
  for (UserCall& call : in_call_) call = UserCall::none;
}

sim::EventKinds Panel::kinds() const {
  sim::EventKinds all = 0;
  for (const sim::EventKind kind :
       {sim::EventKind::alloc, sim::EventKind::alloc_failed, sim::EventKind::free, sim::EventKind::section_begin,
        sim::EventKind::section_end, sim::EventKind::objcg_get, sim::EventKind::objcg_put, sim::EventKind::urgent_qs,
        sim::EventKind::warn, sim::EventKind::misuse}) {
    all |= sim::kind_bit(kind);
  }
  return all;
}

void Panel::on_event(const sim::Event& e) {
  switch (e.kind) {
    case sim::EventKind::alloc: objects_.allocated(e); return;
    case sim::EventKind::alloc_failed:
      spurious_null_.on_alloc_failed(e);
      settling_.on_alloc_failed();
      return;
    case sim::EventKind::free: life_.on_slab_free(e); break;
    case sim::EventKind::section_begin: sections_.begin(e); return;
    case sim::EventKind::section_end: sections_.end(e); return;
    case sim::EventKind::objcg_get: objcg_.on_get(e); return;
    case sim::EventKind::objcg_put: objcg_.on_put(e); break;
    case sim::EventKind::urgent_qs: settling_.on_urgent_qs(); return;
    case sim::EventKind::warn: accuse_report(Kind::warning, e); break;
    case sim::EventKind::misuse: accuse_report(Kind::misuse_report, e); break;
    // Of no concern: kinds() has none of these.
    case sim::EventKind::call_begin:
    case sim::EventKind::call_rcu:
    case sim::EventKind::callback_begin:
    case sim::EventKind::call_end:
    case sim::EventKind::callback_end:
    case sim::EventKind::grace_period:
    case sim::EventKind::synchronize_begin:
    case sim::EventKind::synchronize_end:
    case sim::EventKind::barrier_begin:
    case sim::EventKind::barrier_end:
    case sim::EventKind::irq_work_claimed:
    case sim::EventKind::irq_work_raised:
    case sim::EventKind::irq_work_begin:
    case sim::EventKind::irq_work_end:
    case sim::EventKind::program_raised:
    case sim::EventKind::program_begin:
    case sim::EventKind::program_end:
    case sim::EventKind::work_queued:
    case sim::EventKind::work_begin:
    case sim::EventKind::work_end:
    case sim::EventKind::task_begin:
    case sim::EventKind::task_end:
    case sim::EventKind::migrate:
    case sim::EventKind::violation:
    case sim::EventKind::access:
    case sim::EventKind::context_switch:
    case sim::EventKind::irq_off:
    case sim::EventKind::irq_on:
    case sim::EventKind::lock:
    case sim::EventKind::unlock:
    case sim::EventKind::blocked: return;
  }
  stop_if_reached();
}

void Panel::on_user(const UserEvent& u) {
  UserCall& in_call = in_call_[sim::index_of(u.context)];
  switch (u.kind) {
    case UserEventKind::alloc_begins:
      in_call = u.call;
      spurious_null_.on_alloc_begins(u);
      return;
    case UserEventKind::alloc_gave:
      in_call = UserCall::none;
      if (u.is_new_part) objects_.know_part(u);
      size_.on_alloc_gave(u);
      life_.on_alloc_gave(u);
      charges_.on_alloc_gave(u);
      spurious_null_.on_alloc_gave(u);
      break;
    case UserEventKind::alloc_gave_null:
      in_call = UserCall::none;
      spurious_null_.on_alloc_gave_null(u);
      break;
    case UserEventKind::free_begins:
    case UserEventKind::free_rcu_begins:
    case UserEventKind::raw_free_begins:
      in_call = u.call;
      life_.on_user_frees(u);
      return;
    case UserEventKind::destroy_begins:
      in_call = u.call;
      life_.on_destroy_begins(u);
      return;
    case UserEventKind::call_ended:
    case UserEventKind::destroy_ended: in_call = UserCall::none; return;
    case UserEventKind::settle_round: u.value == 0 ? settling_.on_round(u) : settling_.on_flow(u); break;
    case UserEventKind::settled: settling_.on_settled(u); break;
    case UserEventKind::pile_begins: settling_.on_pile_begins(); return;
    case UserEventKind::piled: settling_.on_piled(u); break;
    case UserEventKind::counted: accuse_wrong_count(u, verdict_); break;
    case UserEventKind::not_recovered:
      verdict_.accuse({.kind = Kind::spurious_null,
                       .roles = {{"asked", party_of(u)}},
                       .names = {"alloc", "recovery"},
                       .text = "the slab has memory again, and irq_work was served between the calls"});
      break;
    case UserEventKind::content_changed:
      verdict_.accuse({.kind = Kind::corrupted,
                       .roles = {{"looked", party_of(u)}},
                       .object = u.object,
                       .names = {"content"},
                       .text = "it was written once, by its user"});
      break;
    case UserEventKind::cache_made: charges_.on_cache_made(u); return;
    case UserEventKind::cache_missing: spurious_null_.on_cache_missing(u); break;
    case UserEventKind::reference_taken:
    case UserEventKind::reference_dropped: return;
  }
  stop_if_reached();
}

void Panel::accuse_report(Kind kind, const sim::Event& e) {
  verdict_.accuse({.kind = kind,
                   .roles = {{"reported", party_of(e)}},
                   .object = e.object,
                   .names = {e.site.function, e.text},
                   .text = e.text});
}

void Panel::stop_if_reached() {
  if (verdict_.reached() && machine_ != nullptr) {
    machine_->stop(static_cast<std::uint64_t>(verdict_.first().kind), name_of(verdict_.first().kind));
  }
}

const Accusation& Panel::conclude(const sim::Outcome& outcome) {
  if (verdict_.reached()) return verdict_.first();
  switch (outcome.end) {
    case sim::End::finished:
      accuse_leak(objects_, verdict_);
      objcg_.conclude();
      break;
    case sim::End::violation: verdict_.accuse(from_violation(outcome.violation, objects_, sections_)); break;
    case sim::End::points: {
      Accusation a{.kind = Kind::no_end, .text = "the limit of scheduling points was reached"};
      for (const UserCall call : in_call_) {
        if (call != UserCall::none && a.names[0][0] == '\0') a.names[0] = name_of(call);
      }
      if (outcome.violation.second.site.function[0] != '\0') a.roles[0] = {"was at", outcome.violation.second};
      verdict_.accuse(a);
      break;
    }
    case sim::End::limit:
    case sim::End::unknown_word:
    case sim::End::given_up: break;  // proves nothing
  }
  return verdict_.first();
}

}  // namespace rcufarm::oracle
