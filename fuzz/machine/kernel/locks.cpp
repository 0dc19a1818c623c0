// Raw spinlocks.
//
// Job: lock and unlock. Who waits is blocked until the lock is free: no step is spent on spinning, and if nobody can free it
// the run ends as a deadlock.
#include "machine/kernel/core.h"
#include "machine/memory/perform.h"
#include "machine/memory/weak_edges.h"

namespace rcufarm::sim {

namespace {

// A free lock becomes the current context's.
void take(Core& c, Word* word, SiteNumber number) {
  Context& self = *c.current;
  const Shadow* const shadow = &c.shadow_of(word);
  const std::uint32_t read = shadow->store;
  perform_own<Effect::exchange>(c, Op::lock, kernel::Order::acquire, word, number, index_of(self.id) + 1);
  if (c.is_weak) lock_orders(c);
  if (self.lock_count == locks_held_max) c.leave_at_limit("locks_held_max");
  ++c.held;
  self.locks[self.lock_count] = word;
  self.lock_sites[self.lock_count++] = number;
  if (c.tracing) [[unlikely]] {
    Event event = c.event(EventKind::lock, Op::lock);
    c.locate(event, word);
    event.store = read;
    event.made = shadow->store;
    c.emit(event);
  }
}

}  // namespace

void lock(Word* word, const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.require(!c.current->lane->in_nmi, Op::lock, number,
            "a raw spinlock in an nmi, which may have come over its holder");
  c.point(Op::lock, true, word, number);
  Context& self = *c.current;
  for (unsigned i = 0; i < self.lock_count; ++i) {
    if (self.locks[i] == word) {
      Party first = c.party_here(Op::lock);
      first.site = c.sites.site(self.lock_sites[i]);
      c.accuse(ViolationKind::double_lock, first, c.party_here(Op::lock), word, "");
    }
  }
  // Before a step on it each time: a lock that went with its memory is accused.
  c.shadow_of(word);
  while (*word != 0) {
    c.block(Op::lock, word);
    c.shadow_of(word);
  }
  take(c, word, number);
}

bool try_lock(Word* word, const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.point(Op::lock, true, word, number);
  c.shadow_of(word);
  if (*word != 0) {
    // Nothing is ordered by a lock that one does not get.
    perform_own<Effect::load>(c, Op::atomic_load, kernel::Order::relaxed, word, number);
    return false;
  }
  take(c, word, number);
  return true;
}

void unlock(Word* word, const Site& site) {
  Core& c = core();
  const SiteNumber number = c.sites.number_of(site);
  c.point(Op::unlock, true, word, number);
  Context& self = *c.current;
  perform_own<Effect::store>(c, Op::unlock, kernel::Order::release, word, number);
  check(self.lock_count != 0, "unlock without lock");
  for (unsigned i = self.lock_count; i-- > 0;) {
    if (self.locks[i] != word) continue;
    for (; i + 1 < self.lock_count; ++i) {
      self.locks[i] = self.locks[i + 1];
      self.lock_sites[i] = self.lock_sites[i + 1];
    }
    --c.held;
    --self.lock_count;
    break;
  }
  if (c.tracing) [[unlikely]] {
    Event event = c.event(EventKind::unlock, Op::unlock);
    c.locate(event, word);
    event.made = c.shadow_of(word).store;
    c.emit(event);
  }
  if (!c.blocked.is_empty()) c.wake_waiters(Op::lock, word);
}

}  // namespace rcufarm::sim
