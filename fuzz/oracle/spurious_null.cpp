#include "oracle/spurious_null.h"

#include <utility>

#include "oracle/parties.h"

namespace rcufarm::oracle {

void SpuriousNull::on_alloc_failed(const sim::Event& e) {
  // Prologue and callbacks allocate for anyone.
  failed_ |= sim::kind_of(e.context) == sim::ContextKind::main || e.cpu == sim::no_cpu ? ~0U : 1U << e.cpu;
}

void SpuriousNull::on_cache_missing(const UserEvent& u) {
  if (!u.can_be_had || failed_ != 0) return;
  verdict_.accuse({.kind = Kind::spurious_null,
                   .roles = {{"init gave nothing", party_of(u)}},
                   .names = {"init"},
                   .text = "the slab had memory"});
}

void SpuriousNull::on_alloc_begins(const UserEvent& u) {
  if (u.cache < caches_max && !u.interrupts_on && u.cpu != sim::no_cpu) caches_[u.cache].used_up |= 1U << u.cpu;
}

void SpuriousNull::on_alloc_gave(const UserEvent& u) {
  if (u.cache >= caches_max) return;
  caches_[u.cache].served = true;
}

void SpuriousNull::on_alloc_gave_null(const UserEvent& u) {
  if (u.cache >= caches_max || !u.interrupts_on || u.cpu == sim::no_cpu) return;
  Cache& cache = caches_[u.cache];
  if (!u.can_be_had || ((failed_ | cache.used_up) >> u.cpu & 1U) != 0) return;
  // A cache that begins empty has to be asked once.
  if (!cache.served && std::exchange(cache.refused[u.cpu % sim::cpus_max], u.bytes + 1) != u.bytes + 1) return;
  verdict_.accuse({.kind = Kind::spurious_null,
                   .roles = {{"alloc gave nothing", party_of(u)}},
                   .names = {"alloc"},
                   .text = "interrupts were on, nobody used the free list up, and the slab had memory"});
}

}  // namespace rcufarm::oracle
