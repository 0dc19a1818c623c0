// C and C++ atomics: RC11 (Lahav, Vafeiadis, Kang, Hur and Dreyer, PLDI 2017) as C++20 has it (P0668): a release sequence is
// a write and the read-modify-writes after it, without later stores of its thread; seq_cst fences are as strong as in RC11.
//
// What the kernel's primitives are: READ_ONCE and WRITE_ONCE relaxed, so is rcu_dereference (nothing carries a dependency);
// smp_mb and its kin seq_cst fences, smp_rmb an acquire fence, smp_wmb a release fence; a full read-modify-write
// seq_cst; a lock acquires and an unlock releases. Grace periods order as grace.h says: as happens-before.
#include "litmus/grace.h"
#include "litmus/model.h"

namespace rcufarm::litmus {
namespace {

struct C11 {
  explicit C11(const Graph& graph) : g(graph) {
    const EventSet seq_cst = g.of(Order::seq_cst), acq_rel = g.of(Order::acq_rel);
    const EventSet sc_fences = sc_fence_events();
    const EventSet both_fences = sc_fences | g.of(Fence::acq_rel);
    const EventSet acquire_fences = both_fences | g.of(Fence::acquire) | g.of(Fence::rmb);
    const EventSet release_fences = both_fences | g.of(Fence::release) | g.of(Fence::wmb);
    const EventSet acquires = g.reads & (g.of(Order::acquire) | acq_rel | seq_cst | g.of(Part::lock));
    const EventSet releases = g.writes & (g.of(Order::release) | acq_rel | seq_cst | g.of(Part::unlock));
    const EventSet atomics = g.memory - g.of(Order::plain);

    const Relation release_sequence = (g.writes & atomics) >> star(g.rf >> g.rmw);
    const Relation release = identity(releases) | (release_fences >> g.po >> g.writes);
    const Relation acquire = identity(acquires) | ((g.reads & atomics) >> g.po >> acquire_fences);
    sw = release >> release_sequence >> g.rf >> (g.reads & atomics) >> acquire;
    eco = plus(g.rf | g.co | g.fr());
  }

  EventSet sc_fence_events() const {
    EventSet set = g.of(EventKind::sync_rcu) | g.of(EventKind::sync_srcu);
    for (const Fence fence : {Fence::mb, Fence::seq_cst, Fence::before_atomic, Fence::after_atomic,
                              Fence::after_spinlock, Fence::after_unlock_lock, Fence::after_srcu_read_unlock})
      set |= g.of(fence);
    return set;
  }

  Relation happens_before(const Relation& grace) const {
    // Initial writes come before everything.
    return plus(g.po | sw | grace | cross(g.initial, ~g.initial));
  }

  bool consistent(const Relation& grace) const {
    const Relation hb = happens_before(grace);
    if (!irreflexive(hb) || !irreflexive(hb >> eco)) return false;  // coherence
    if (!atomic(g)) return false;
    if (!acyclic(g.po | g.rf)) return false;  // no thin air
    return acyclic(psc(hb));
  }

  // The partial order of seq_cst operations.
  Relation psc(const Relation& hb) const {
    const EventSet sc = g.of(Order::seq_cst), fences = sc_fence_events();
    const Relation elsewhere = g.po - g.loc;
    const Relation scb = g.po | (elsewhere >> hb >> elsewhere) | (hb & g.loc) | g.co | g.fr();
    const Relation from = identity(sc) | (fences >> maybe(hb));
    const Relation to = identity(sc) | (maybe(hb) >> fences);
    const Relation base = from >> scb >> to;
    const Relation of_fences = fences >> (hb | (hb >> eco >> hb)) >> fences;
    return base | of_fences;
  }

  bool races(const Relation& grace) const {
    const EventSet plain = g.of(Order::plain);
    const Relation hb = happens_before(grace);
    const Relation conflicts = g.loc & (cross(g.memory, g.writes) | cross(g.writes, g.memory));
    const Relation with_plain = cross(plain, g.memory) | cross(g.memory, plain);
    return !((conflicts & with_plain) - g.internal - hb - inverse(hb)).empty();
  }

  const Graph& g;
  Relation sw, eco;
};

class C11Model final : public Model {
 public:
  std::string_view name() const override { return "c11"; }
  bool extensible(const Graph& g) const override { return C11(g).consistent(g.none()); }
  bool consistent(const Graph& g) const override {
    const GracePeriods periods(g);
    const C11 c11(periods.graph());
    return periods.fit([&](const Relation& grace) { return c11.consistent(grace); });
  }
  Flags flags(const Graph& g) const override {
    Flags flags;
    if (g.of(Order::plain).empty()) return flags;
    const GracePeriods periods(g);
    const C11 c11(periods.graph());
    flags.raise_if(periods.fit([&](const Relation& grace) { return c11.consistent(grace); },
                               [&](const Relation& grace) { return c11.races(grace); }),
                   Flag::data_race);
    return flags;
  }
};

}  // namespace

const Model& c11_model() {
  static const C11Model model;
  return model;
}

}  // namespace rcufarm::litmus
