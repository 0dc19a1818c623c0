// Sequential consistency: one order of all accesses, in which a read reads the newest write of its location. Lamport, 1979;
// as axioms: Shasha and Snir, TOPLAS 1988.
#include "litmus/grace.h"
#include "litmus/model.h"

namespace rcufarm::litmus {
namespace {

class Sc final : public Model {
 public:
  std::string_view name() const override { return "sc"; }
  bool extensible(const Graph& g) const override { return acyclic(order(g)) && atomic(g); }
  bool consistent(const Graph& g) const override {
    if (!atomic(g)) return false;
    const GracePeriods periods(g);
    const Relation one_order = order(periods.graph());
    return periods.fit([&](const Relation& grace) { return acyclic(one_order | grace); });
  }
  // Nothing is reordered, so plain accesses are as good as marked ones.
  Flags flags(const Graph&) const override { return {}; }

 private:
  static Relation order(const Graph& g) { return g.po | g.rf | g.co | g.fr(); }
};

}  // namespace

const Model& sc_model() {
  static const Sc model;
  return model;
}

}  // namespace rcufarm::litmus
