#include "oracle/spurious_null.h"

#include <algorithm>

#include "oracle/parties.h"

namespace rcufarm::oracle {

void SpuriousNull::on_alloc_failed(const sim::Event& e) {
  // Prologue and callbacks allocate for anyone.
  failed_ |= sim::kind_of(e.context) == sim::ContextKind::main || e.cpu == sim::no_cpu ? ~0U : 1U << e.cpu;
}

void SpuriousNull::on_alloc_begins(const UserEvent& u) {
  if (u.cache < caches_max && !u.interrupts_on && u.cpu != sim::no_cpu) caches_[u.cache].used_up |= 1U << u.cpu;
}

void SpuriousNull::on_alloc_gave(const UserEvent& u) {
  if (u.cache >= caches_max) return;
  Cache& cache = caches_[u.cache];
  cache.served = true;
  cache.served_max = std::max(cache.served_max, u.bytes);
}

void SpuriousNull::on_alloc_gave_null(const UserEvent& u) {
  if (u.cache >= caches_max || !u.interrupts_on || u.cpu == sim::no_cpu) return;
  const Cache& cache = caches_[u.cache];
  // A size that nobody got may be one that cannot be had: nothing, or too much.
  if (!cache.served || u.bytes > cache.served_max || u.bytes == 0) return;
  if (((failed_ | cache.used_up) >> u.cpu & 1U) != 0) return;
  verdict_.accuse({.kind = Kind::spurious_null,
                   .roles = {{"alloc gave nothing", party_of(u)}},
                   .names = {"alloc"},
                   .text = "interrupts were on, nobody used the free list up, and the slab had memory"});
}

}  // namespace rcufarm::oracle
