#include "oracle/settling.h"

#include "oracle/parties.h"

namespace rcufarm::oracle {

void Settling::on_round(const UserEvent& u) {
  const std::uint64_t live = books_.live();
  growing_ = live > last_ ? growing_ + 1 : 0;
  last_ = live;
  if (growing_ <= growing_rounds_max) return;
  verdict_.accuse({.kind = Kind::memory_grows,
                   .roles = {{"looked", party_of(u)}},
                   .text = "each round of balanced use ended with more memory out than the one before"});
}

void Settling::on_flow(const UserEvent& u) {
  const std::uint64_t before = live_before_;
  live_before_ = books_.live();
  if (u.value < flow_objects_max || failed_ || is_steady(u.value, before, live_before_)) return;
  verdict_.accuse({.kind = Kind::memory_grows,
                   .roles = {{"looked", party_of(u)}},
                   .text = "objects that are allocated on one CPU and freed on another pile up"});
}

void Settling::on_settled(const UserEvent& u) {
  if (u.value <= u.bytes) return;
  verdict_.accuse({.kind = Kind::pending_does_not_fall,
                   .roles = {{"looked", party_of(u)}},
                   .text = "grace periods passed and irq_work was served"});
}

void Settling::on_piled(const UserEvent& u) {
  if (u.bytes < u.value || hurried_) return;
  verdict_.accuse(
      {.kind = Kind::pending_does_not_fall,
       .roles = {{"freed", party_of(u)}},
       .names = {"free_rcu", "rcu_request_urgent_qs"},
       .text = "more and more wait behind a grace period, irq_work was served, and nobody asks it to hurry"});
}

}  // namespace rcufarm::oracle
