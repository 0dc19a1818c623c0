// The search builds each execution once and misses none: held against a plain walk over all interleavings.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <sstream>

#include "litmus/explore.h"
#include "litmus/lab.h"

namespace rcufarm::litmus {
namespace {

using Keys = std::multiset<std::string>;

// What each read reads and how the writes are ordered, in names that do not depend on how the graph was built.
std::string key_of(const Graph& g) {
  const auto name = [&](EventId e) {
    const Event& event = g.events[e];
    return event.thread == initial_thread ? std::string("i")
                                          : std::to_string(event.thread) + "." + std::to_string(event.index);
  };
  std::set<std::string> parts;
  const auto add = [&](const char* what, const Relation& r) {
    r.each([&](EventId a, EventId b) { parts.insert(name(a) + what + name(b)); });
  };
  add("rf", g.rf);
  add("co", g.co);
  std::string key;
  for (const std::string& part : parts) key += part + " ";
  return key;
}

Keys explored(const Program& program, const Model& model) {
  Keys keys;
  const auto result = explore(
      program, model, [](const State&) { return true; }, {},
      [&](const Graph& g, const State&) { keys.insert(key_of(g)); });
  EXPECT_TRUE(std::holds_alternative<Outcome>(result));
  return keys;
}

// All threads in all orders; each read reads any write so far, each write takes any place; judged at the end alone.
class Walk {
 public:
  Walk(const Program& program, const Model& model) : program_(program), model_(model) {
    for (Location l = 0; l < program.locations(); ++l) {
      Event e;
      e.kind = EventKind::write;
      e.thread = initial_thread;
      e.location = l;
      events_.push_back(e);
      order_.push_back({l});
    }
    values_.resize(program.threads());
    ids_.resize(program.threads());
  }

  Keys run() {
    step();
    return Keys(keys_.begin(), keys_.end());
  }

 private:
  void step() {
    if (!met_.insert(state_key()).second) return;
    bool ended = true;
    for (unsigned t = 0; t < program_.threads(); ++t) {
      const ThreadTrace trace = program_.run(t, values_[t]);
      if (ids_[t].size() == trace.events.size()) {
        ended = ended && trace.ended;
        continue;
      }
      ended = false;
      const Event e = trace.events[ids_[t].size()];
      const auto id = static_cast<unsigned>(events_.size());
      events_.push_back(e);
      sources_.resize(id);
      sources_.push_back(0);
      ids_[t].push_back(id);
      const bool srcu = model_.srcu() == Srcu::memory;
      if (e.kind == EventKind::read || (srcu && e.kind == EventKind::srcu_lock)) {
        const auto sources = order_[e.location];
        for (const unsigned source : sources) {
          sources_[id] = source;
          if (e.kind == EventKind::read) {
            values_[t].push_back(events_[source].value);
            events_[id] = program_.run(t, values_[t]).events[e.index];
          }
          step();
          if (e.kind == EventKind::read) values_[t].pop_back();
        }
      } else if (e.kind == EventKind::write || (srcu && e.kind == EventKind::srcu_unlock)) {
        auto& order = order_[e.location];
        for (std::size_t place = 1; place <= order_[e.location].size(); ++place) {
          order.insert(order.begin() + static_cast<std::ptrdiff_t>(place), id);
          step();
          order.erase(order.begin() + static_cast<std::ptrdiff_t>(place));
        }
      } else {
        step();
      }
      ids_[t].pop_back();
      events_.pop_back();
    }
    if (ended) judge();
  }

  // All that decides what can follow. Interleavings that lead to one graph are walked on from once.
  std::vector<unsigned> state_key() const {
    std::vector<unsigned> key;
    std::vector<unsigned> rank(events_.size());  // a name for an event that no interleaving changes
    for (unsigned t = 0, next = program_.locations(); t < ids_.size(); ++t, next += 100) {
      key.push_back(static_cast<unsigned>(ids_[t].size()));
      for (const unsigned id : ids_[t]) rank[id] = next + events_[id].index;
    }
    for (unsigned l = 0; l < program_.locations(); ++l) rank[l] = l;
    for (const auto& thread : ids_)
      for (const unsigned id : thread) key.push_back(rank[sources_[id]]);
    for (const auto& order : order_)
      for (const unsigned id : order) key.push_back(rank[id]);
    return key;
  }

  void judge() {
    Graph g(events_, model_.srcu());
    g.reads.each([&](EventId e) { g.rf.add(sources_[e], e); });
    for (const auto& order : order_)
      for (std::size_t i = 0; i < order.size(); ++i)
        for (std::size_t j = i + 1; j < order.size(); ++j) g.co.add(order[i], order[j]);
    if (model_.consistent(g)) keys_.insert(key_of(g));
  }

  const Program& program_;
  const Model& model_;
  std::vector<Event> events_;
  std::vector<unsigned> sources_;
  std::vector<std::vector<unsigned>> order_;
  std::vector<std::vector<Value>> values_;
  std::vector<std::vector<unsigned>> ids_;
  std::set<std::vector<unsigned>> met_;
  std::set<std::string> keys_;
};

std::vector<std::vector<LabOp>> random_program(std::mt19937& random) {
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  std::vector<std::vector<LabOp>> threads(2 + below(2));
  unsigned left = threads.size() == 2 ? 8 : 7;  // events
  int written = 0;
  for (unsigned t = 0; t < threads.size(); ++t) {
    const unsigned share = left / (static_cast<unsigned>(threads.size()) - t);
    unsigned events = 0;
    while (events < share) {
      LabOp op;
      op.location = below(2);
      switch (below(10)) {
        case 0: {
          constexpr Fence fences[] = {Fence::mb,      Fence::rmb,     Fence::wmb,
                                      Fence::seq_cst, Fence::acquire, Fence::release};
          op.fence = fences[below(6)];
          break;
        }
        case 1:
        case 2:
          if (events + 2 > share) continue;
          op.part = below(4) == 0 ? Part::noreturn : Part::rmw;
          op.compares = op.part == Part::rmw && below(3) == 0;
          op.order = std::array{Order::once, Order::acquire, Order::release, Order::seq_cst}[below(4)];
          if (op.part == Part::noreturn) op.order = Order::once;
          op.value = ++written;
          ++events;
          break;
        case 3:
        case 4:
        case 5:
          op.kind = EventKind::write;
          op.order = std::array{Order::once, Order::once, Order::release, Order::seq_cst, Order::plain}[below(5)];
          op.value = ++written;
          op.data = below(3) == 0;
          op.ctrl = below(4) == 0;
          break;
        default:
          op.kind = EventKind::read;
          op.order = std::array{Order::once, Order::once, Order::acquire, Order::seq_cst, Order::plain}[below(5)];
          op.addr = below(4) == 0;
          break;
      }
      ++events;
      threads[t].push_back(op);
    }
    left -= std::min(left, events);
  }
  return threads;
}

void expect_same(const Program& program, const std::string& what) {
  for (const Model* model : all_models()) {
    SCOPED_TRACE(what + " under " + std::string(model->name()));
    const Keys found = explored(program, *model);
    EXPECT_EQ(found, Walk(program, *model).run());
  }
}

TEST(Enumeration, RandomProgramsAgreeWithAllInterleavings) {
  std::mt19937 random(1);
  for (unsigned i = 0; i < 400; ++i) expect_same(LabProgram(random_program(random), 2), std::to_string(i));
}

TEST(Enumeration, LocksAndSectionsAgreeWithAllInterleavings) {
  for (const char* text : {
           "Lx Wy1 Ux | Lx Wy2 Ux",
           "Lx Ux Lx Ux | Lx Ux",
           "Lx Ux | Lx Ux | Lx Ux",
           "Lx Ry | Wy1 Lx",
           "rcu{ Ry Rx }rcu | Wx1 sync Wy1",
           "rcu{ Ry }rcu Rx | Wx1 sync Wy1 Rx",
           "Wx1 rcu{ }rcu Ry | Wy1 sync Rx",
           "srcu{s Rx }srcu{s | Wx1 syncs Rx",
           "srcu{s }srcu{s | srcu{s }srcu{s",
           "Rx rcu{ Ry }rcu | Wy1 sync Wx1 | Wx2",
       })
    expect_same(LabProgram(text), text);
}

}  // namespace
}  // namespace rcufarm::litmus
