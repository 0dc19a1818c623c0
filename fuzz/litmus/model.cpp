#include "litmus/model.h"

#include <array>

namespace rcufarm::litmus {

std::vector<std::string_view> Flags::names() const {
  constexpr std::array<std::string_view, 11> all = {
      "data-race",           "mixed-accesses",        "unmatched-rcu-lock",    "unmatched-rcu-unlock",
      "unmatched-srcu-lock", "unmatched-srcu-unlock", "multiple-srcu-matches", "srcu-bad-value-match",
      "invalid-sleep",       "mixed-lock-accesses",   "unmatched-unlock"};
  std::vector<std::string_view> names;
  for (unsigned i = 0; i < all.size(); ++i)
    if (has(static_cast<Flag>(i))) names.push_back(all[i]);
  return names;
}

std::span<const Model* const> all_models() {
  static const std::array<const Model*, 4> models = {&sc_model(), &tso_model(), &c11_model(), &kernel_model()};
  return models;
}

const Model* find_model(std::string_view name) {
  for (const Model* model : all_models())
    if (model->name() == name) return model;
  return nullptr;
}

bool coherent(const Graph& g) { return acyclic((g.po & g.loc) | g.rf | g.co | g.fr()); }

bool atomic(const Graph& g) { return (g.rmw & (g.external(g.fr()) >> g.external(g.co))).empty(); }

}  // namespace rcufarm::litmus
