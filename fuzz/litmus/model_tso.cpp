// x86-TSO: Owens, Sarkar and Sewell, TPHOLs 2009; as axioms: Alglave, Maranget and Tautschnig, TOPLAS 2014.
//
// What the kernel's primitives are on x86: READ_ONCE and the like are plain loads, WRITE_ONCE, smp_store_release and
// spin_unlock plain stores. smp_mb, synchronize_rcu, each read-modify-write (whatever its order; a cmpxchg that fails
// too) and each spin_lock lock the bus. smp_rmb, smp_wmb, smp_mb__before_atomic and their kin are barriers of the compiler
// only. C11: a seq_cst fence is smp_mb, a seq_cst store an xchg.
#include "litmus/grace.h"
#include "litmus/model.h"

namespace rcufarm::litmus {
namespace {

EventSet full_fences(const Graph& g) {
  return g.of(Fence::mb) | g.of(Fence::seq_cst) | g.of(EventKind::sync_rcu) | g.of(EventKind::sync_srcu);
}

// The global order of memory: program order but for a write and a later read, and everything that other threads can see.
Relation global_order(const Graph& g) {
  const Relation po = g.memory >> g.po >> g.memory;
  const EventSet locked =
      g.of(Part::rmw) | g.of(Part::noreturn) | domain(g.rmw) | range(g.rmw) | (g.writes & g.of(Order::seq_cst));
  const Relation delayed = g.writes >> po >> g.reads;
  const Relation fenced = (g.memory >> g.po >> full_fences(g) >> g.po >> g.memory) | (locked >> po) | (po >> locked);
  return (po - delayed) | fenced | g.external(g.rf) | g.co | g.fr();
}

class Tso final : public Model {
 public:
  std::string_view name() const override { return "tso"; }
  bool extensible(const Graph& g) const override { return coherent(g) && atomic(g) && acyclic(global_order(g)); }
  bool consistent(const Graph& g) const override {
    if (!coherent(g) || !atomic(g)) return false;
    const GracePeriods periods(g);
    const Relation order = global_order(periods.graph());
    return periods.fit([&](const Relation& grace) { return acyclic(order | grace); });
  }
  // A plain access is an x86 load or store here, as the compiler made it.
  Flags flags(const Graph&) const override { return {}; }
};

}  // namespace

const Model& tso_model() {
  static const Tso model;
  return model;
}

}  // namespace rcufarm::litmus
