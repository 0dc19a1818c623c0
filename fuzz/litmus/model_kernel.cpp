// The Linux kernel's memory model as of 6.12: tools/memory-model/linux-kernel.bell, .cat and lock.cat there. Alglave, Maranget,
// McKenney, Parri and Stern, ASPLOS 2018; plain accesses came later (Documentation/explanation.txt).
//
// Each relation has the name that it has there. A full read-modify-write is a read and a write of order seq_cst here, and a
// smp_mb before and after them there. Load buffering is not modelled, so this is the kernel's model without it.
#include "litmus/model.h"

namespace rcufarm::litmus {
namespace {

// The sets and the relations that no axiom is needed for.
struct Basics {
  explicit Basics(const Graph& graph) : g(graph) {
    all = EventSet::all(g.size());
    memory = g.memory;
    plain = memory & g.of(Order::plain) & g.of(Part::access);
    marked = all - plain;
    const EventSet noreturn = g.reads & g.of(Part::noreturn);
    returning = all - noreturn;
    r4rmb = g.reads - noreturn;
    rmw_parts = g.of(Part::rmw) | g.of(Part::noreturn);
    lock_reads = g.reads & g.of(Part::lock) & domain(g.rmw);
    lock_writes = g.writes & g.of(Part::lock);
    unlocks = g.of(Part::unlock);
    acquires = (g.reads & g.of(Order::acquire)) | lock_reads;
    releases = (g.writes & g.of(Order::release)) | unlocks;
    sync_rcu = g.of(EventKind::sync_rcu);
    sync_srcu = g.of(EventKind::sync_srcu);
    srcu_unlocks = g.of(EventKind::srcu_unlock);
    fr = g.fr();
    rfi = g.rf & g.internal;
    rfe = g.external(g.rf);
  }

  Relation fencerel(const EventSet& fences) const { return g.po >> fences >> g.po; }
  Relation fencerel(Fence fence) const { return fencerel(g.of(fence)); }
  // Of the fences around full read-modify-writes. (One that fails is of order once.)
  Relation full_fencerel() const {
    const EventSet full = rmw_parts & g.of(Order::seq_cst);
    return (g.po >> (g.reads & full) >> maybe(g.po)) | (maybe(g.po) >> (g.writes & full) >> g.po);
  }

  const Graph& g;
  EventSet all, memory, plain, marked, returning, r4rmb, rmw_parts, lock_reads, lock_writes, unlocks, acquires,
      releases;
  EventSet sync_rcu, sync_srcu, srcu_unlocks;
  Relation fr, rfi, rfe;
};

// Up to pb: what an execution meets from its first event on.
struct Lkmm : Basics {
  explicit Lkmm(const Graph& graph) : Basics(graph) {
    const Relation &po = g.po, &rf = g.rf;
    const Relation po_rel = memory >> po >> releases;
    const Relation acq_po = acquires >> po >> memory;
    const Relation po_unlock_lock_po = po >> unlocks >> (po | rf) >> lock_reads >> po;

    rmb = r4rmb >> fencerel(Fence::rmb) >> r4rmb;
    wmb = g.writes >> fencerel(Fence::wmb) >> g.writes;
    const Relation upto = memory >> maybe(po);
    const Relation mb = (memory >> (fencerel(Fence::mb) | full_fencerel())) |
                        (memory >> fencerel(Fence::before_atomic) >> rmw_parts >> maybe(po)) |
                        (upto >> rmw_parts >> fencerel(Fence::after_atomic)) |
                        (upto >> lock_writes >> fencerel(Fence::after_spinlock)) |
                        (memory >> po_unlock_lock_po >> g.of(Fence::after_unlock_lock) >> po) |
                        (upto >> srcu_unlocks >> fencerel(Fence::after_srcu_read_unlock));
    const Relation gp = po >> (sync_rcu | sync_srcu) >> maybe(po);
    strong_fence = (mb >> memory) | gp;
    nonrw_fence = strong_fence | po_rel | acq_po;
    fence = nonrw_fence | wmb | rmb;

    // What a dependency goes through: plain variables of its own thread.
    const Relation carry_dep = star(g.data >> ~srcu_unlocks >> rfi);
    addr = carry_dep >> g.addr;
    const Relation data = carry_dep >> g.data, ctrl = carry_dep >> g.ctrl;
    const Relation dep = addr | data;
    const Relation rwdep = (dep | ctrl) >> g.writes;
    const Relation overwrite = g.co | fr;
    const Relation to_w = rwdep | (overwrite & g.internal) | (addr >> plain >> wmb);
    const Relation to_r = (addr >> g.reads) | (dep >> marked >> rfi);
    const Relation ppo = to_r | to_w | ((fence | po_unlock_lock_po) & g.internal);

    rmw_sequence = star(rf >> g.rmw);
    const Relation a_cumul = maybe(rfe >> marked) >> (strong_fence | po_rel);
    cumul_fence = marked >> (a_cumul | wmb | po_unlock_lock_po) >> marked >> rmw_sequence;
    prop = marked >> maybe(g.external(overwrite)) >> star(cumul_fence) >> marked >> maybe(rfe) >> marked;
    hb = marked >> (ppo | rfe | ((prop - identity(all)) & g.internal)) >> marked;
    hb_star = star(hb);
    pb = prop >> strong_fence >> hb_star >> marked;
  }

  Relation rmb, wmb, strong_fence, nonrw_fence, fence, addr, rmw_sequence, cumul_fence, prop, hb, hb_star, pb;
};

enum class Sections { matched, ignored };

// Grace periods and sections.
struct Rcu {
  explicit Rcu(const Lkmm& m, Sections sections) {
    const Graph& g = m.g;
    pb_star = star(m.pb);
    rcu_fence = rb = g.none();
    if (m.sync_rcu.empty() && m.sync_srcu.empty()) return;
    const Relation rcu_gp = identity(m.sync_rcu), srcu_gp = identity(m.sync_srcu);
    const bool matched = sections == Sections::matched;
    const Relation rcu_rscsi = matched ? inverse(rcu_sections(g)) : g.none();
    const Relation srcu_rscsi = matched ? inverse(srcu_sections(g)) : g.none();
    const Relation link = maybe(g.po) >> m.hb_star >> pb_star >> m.prop >> g.po;

    // Sequences with at least as many grace periods as sections, of which `inner` has a part already.
    const auto around = [&](const Relation& inner) {
      return (rcu_gp >> inner >> rcu_rscsi) | (rcu_rscsi >> inner >> rcu_gp) |
             (((srcu_gp >> inner >> srcu_rscsi) | (srcu_rscsi >> inner >> srcu_gp)) & g.loc);
    };
    Relation rcu_order = rcu_gp | srcu_gp | around(link);
    for (Relation before = g.none(); before != rcu_order;) {
      before = rcu_order;
      const Relation further = link >> rcu_order >> link;
      rcu_order |= around(further) | (rcu_order >> link >> rcu_order);
    }
    rcu_fence = g.po >> rcu_order >> maybe(g.po);
    rb = m.prop >> rcu_fence >> m.hb_star >> pb_star >> m.marked;
  }

  Relation pb_star, rcu_fence, rb;
};

// Plain accesses: which executions they exclude, and what races.
struct PlainAccesses {
  PlainAccesses(const Lkmm& m, const Rcu& rcu) {
    const Graph& g = m.g;
    const EventSet &marked = m.marked, &plain = m.plain;
    const Relation fence = m.fence | rcu.rcu_fence, strong_fence = m.strong_fence | rcu.rcu_fence;
    const Relation xbstar = star(m.hb | m.pb | rcu.rb);
    const Relation vis =
        star(m.cumul_fence) >> maybe(m.rfe) >> marked >> ((strong_fence >> marked >> xbstar) | (xbstar & g.internal));

    const Relation rmb_of_any = m.fencerel(Fence::rmb);
    const Relation w_pre_bounded = marked >> maybe(m.addr | fence);
    const Relation r_pre_bounded = marked >> maybe(m.addr | m.nonrw_fence | (m.r4rmb >> rmb_of_any >> m.returning));
    const Relation w_post_bounded = maybe(fence) >> marked >> m.rmw_sequence;
    const Relation r_post_bounded = maybe(m.nonrw_fence | (m.returning >> rmb_of_any >> m.r4rmb)) >> marked;

    const Relation ww_vis =
        fence | (strong_fence >> xbstar >> w_pre_bounded) | (w_post_bounded >> vis >> w_pre_bounded);
    const Relation wr_vis =
        fence | (strong_fence >> xbstar >> r_pre_bounded) | (w_post_bounded >> vis >> r_pre_bounded);
    const Relation rw_xbstar = fence | (r_post_bounded >> xbstar >> w_pre_bounded);

    const Relation pre_race = g.external(cross(plain, g.memory) | cross(g.memory - g.initial, plain));
    coherent = (pre_race & ((g.rf & inverse(rw_xbstar)) | (m.fr & inverse(wr_vis)) | (g.co & inverse(ww_vis)))).empty();

    const Relation ww_nonrace = ww_vis & (cross(marked, g.writes) | rw_xbstar) & (cross(g.writes, marked) | wr_vis);
    const Relation ww_race = (pre_race & g.co) - ww_nonrace;
    const Relation wr_race = (pre_race & (maybe(g.co) >> g.rf)) - wr_vis - inverse(rw_xbstar);
    const Relation rw_race = (pre_race & m.fr) - rw_xbstar;
    race = !(ww_race | wr_race | rw_race).empty();
  }

  bool coherent, race;
};

// Plain writes and marked accesses of one location with nothing between them that stops the compiler.
bool mixed_accesses(const Lkmm& m) {
  const Graph& g = m.g;
  const EventSet stops = g.where([](const Event& e) {
    switch (e.kind) {
      case EventKind::rcu_lock:
      case EventKind::rcu_unlock:
      case EventKind::sync_rcu:
      case EventKind::srcu_lock:
      case EventKind::srcu_unlock:
      case EventKind::sync_srcu: return true;
      case EventKind::fence:
        return e.fence == Fence::barrier || e.fence == Fence::rmb || e.fence == Fence::wmb || e.fence == Fence::mb ||
               e.fence == Fence::before_atomic || e.fence == Fence::after_atomic;
      case EventKind::read:
      case EventKind::write: return false;
    }
    return false;
  });
  const EventSet plain_writes = m.plain & g.writes;
  const Relation barrier =
      m.fencerel(stops | m.acquires | m.releases) | m.full_fencerel() | (g.po >> m.releases) | (m.acquires >> g.po);
  const Relation near = (g.po & g.loc) - barrier;
  return !((plain_writes >> near >> m.marked) | (m.marked >> near >> plain_writes)).empty();
}

void raise_section_flags(const Graph& g, Flags& flags) {
  const Relation rcu = rcu_sections(g), srcu = srcu_sections(g);
  const auto unmatched = [&](EventKind kind, const EventSet& matched) { return !(g.of(kind) - matched).empty(); };
  flags.raise_if(unmatched(EventKind::rcu_lock, domain(rcu)), Flag::unmatched_rcu_lock);
  flags.raise_if(unmatched(EventKind::rcu_unlock, range(rcu)), Flag::unmatched_rcu_unlock);
  flags.raise_if(unmatched(EventKind::srcu_lock, domain(srcu)), Flag::unmatched_srcu_lock);
  flags.raise_if(unmatched(EventKind::srcu_unlock, range(srcu)), Flag::unmatched_srcu_unlock);
  flags.raise_if(!((inverse(srcu) >> srcu) - identity(EventSet::all(g.size()))).empty(), Flag::multiple_srcu_matches);
  flags.raise_if(!(rcu & (g.po >> g.of(EventKind::sync_srcu) >> g.po)).empty(), Flag::invalid_sleep);
  bool bad_value = false;
  srcu.each([&](EventId a, EventId b) { bad_value = bad_value || g.events[a].value != g.events[b].value; });
  flags.raise_if(bad_value, Flag::srcu_bad_value_match);
}

void raise_lock_flags(const Graph& g, Flags& flags) {
  const EventSet locking = g.of(Part::lock) | g.of(Part::unlock) | g.of(Part::is_locked) | g.of(EventKind::srcu_lock) |
                           g.of(EventKind::srcu_unlock) | g.of(EventKind::sync_srcu);
  if (locking.empty()) return;
  const EventSet others = g.memory - g.initial - locking;
  flags.raise_if(!(others >> g.loc >> locking).empty(), Flag::mixed_lock_accesses);
  // An unlock belongs to the lock before it in program order, with neither between them.
  const EventSet locks = g.writes & g.of(Part::lock), unlocks = g.of(Part::unlock);
  const Relation po_loc = g.po & g.loc;
  const Relation critical = (locks >> po_loc >> unlocks) - (po_loc >> (locks | unlocks) >> po_loc);
  flags.raise_if(!(unlocks - range(critical)).empty(), Flag::unmatched_unlock);
}

class Kernel final : public Model {
 public:
  std::string_view name() const override { return "kernel"; }
  Srcu srcu() const override { return Srcu::memory; }

  bool extensible(const Graph& g) const override {
    // The cheap axioms first: they refuse most of what is refused.
    if (!coherent(g) || !atomic(g)) return false;
    const Lkmm m(g);
    if (!acyclic(m.hb) || !acyclic(m.pb)) return false;
    return m.plain.empty() || PlainAccesses(m, Rcu(m, Sections::ignored)).coherent;
  }
  bool consistent(const Graph& g) const override {
    if (!coherent(g) || !atomic(g)) return false;
    const Lkmm m(g);
    if (!acyclic(m.hb) || !acyclic(m.pb)) return false;
    const Rcu rcu(m, Sections::matched);
    if (!irreflexive(rcu.rb)) return false;
    return m.plain.empty() || PlainAccesses(m, rcu).coherent;
  }
  Flags flags(const Graph& g) const override {
    Flags flags;
    raise_section_flags(g, flags);
    raise_lock_flags(g, flags);
    const Lkmm m(g);
    if (m.plain.empty()) return flags;
    flags.raise_if(mixed_accesses(m), Flag::mixed_accesses);
    flags.raise_if(PlainAccesses(m, Rcu(m, Sections::matched)).race, Flag::data_race);
    return flags;
  }
};

}  // namespace

const Model& kernel_model() {
  static const Kernel model;
  return model;
}

}  // namespace rcufarm::litmus
