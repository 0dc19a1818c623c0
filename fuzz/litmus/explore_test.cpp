#include "litmus/explore.h"

#include <gtest/gtest.h>

#include "litmus/lab.h"

namespace rcufarm::litmus {
namespace {

bool always(const State&) { return true; }

Outcome all_of(const Program& program, const Model& model = kernel_model(), const Predicate& predicate = always) {
  return std::get<Outcome>(explore(program, model, predicate));
}
Outcome all_of(const char* text, const Model& model = kernel_model()) { return all_of(LabProgram(text), model); }

std::vector<std::string_view> flags_of(const char* text, const Model& model = kernel_model()) {
  return all_of(text, model).flags.names();
}
using Names = std::vector<std::string_view>;

TEST(Explore, CountsExecutionsByState) {
  const Outcome outcome =
      all_of(LabProgram("Wx1 | Wx2 | Rx"), kernel_model(), [](const State& s) { return holds("2:0=0", s); });
  EXPECT_EQ(outcome.executions, 6U);  // two orders of the stores, three sources
  EXPECT_EQ(outcome.states.size(), 6U);
  EXPECT_EQ(outcome.matches, 2U);
  ASSERT_TRUE(outcome.match && outcome.mismatch);
  EXPECT_TRUE(holds("2:0=0", outcome.match->state));
  EXPECT_FALSE(holds("2:0=0", outcome.mismatch->state));
  EXPECT_FALSE(outcome.race);
  // One state, two executions: who read first is not seen, whose store was first is.
  const Outcome stores = all_of("Wx1 Wx2 | Wx2");
  EXPECT_EQ(stores.executions, 3U);
  EXPECT_EQ(stores.states.size(), 1U);
}

// As herd7: what cannot end is no execution.
TEST(Explore, ExecutionsThatCannotEndVanish) {
  const Outcome deadlock = all_of("Lz Rx | Lz Ry");
  EXPECT_EQ(deadlock.executions, 0U);
  EXPECT_GT(deadlock.blocked, 0U);
  EXPECT_EQ(all_of("Lz Lz").executions, 0U);
  EXPECT_EQ(all_of("La Lb Ub Ua | Lb La Ua Ub").executions,
            2U);  // one after the other; the other ways end in a deadlock
  EXPECT_EQ(all_of("Lz Uz | Lz Uz | Lz Uz").executions, 6U);
}

class Filtered final : public Program {
 public:
  unsigned threads() const override { return lab_.threads(); }
  unsigned locations() const override { return lab_.locations(); }
  const std::string& name_of(Location location) const override { return lab_.name_of(location); }
  Value initial(Location location) const override { return lab_.initial(location); }
  ThreadTrace run(unsigned thread, std::span<const Value> reads) const override { return lab_.run(thread, reads); }
  bool counts(const State& state) const override { return holds("1:0=1", state); }

 private:
  LabProgram lab_{"Wx1.na Wy1.rel | Ry.acq Rx.na"};
};

// It races where the flag was not seen, and such executions do not count.
TEST(Explore, FilterGoesBeforeCountsAndFlags) {
  const Outcome filtered = all_of(Filtered());
  EXPECT_EQ(filtered.executions, 1U);
  EXPECT_FALSE(filtered.flags.any());
  const Outcome whole = all_of("Wx1.na Wy1.rel | Ry.acq Rx.na");
  EXPECT_EQ(whole.executions, 3U);
  EXPECT_TRUE(whole.flags.has(Flag::data_race));
  ASSERT_TRUE(whole.race);
  EXPECT_TRUE(kernel_model().races(whole.race->graph));
  EXPECT_TRUE(holds("1:0=0", whole.race->state));
}

TEST(Explore, AnExceededLimitIsNoVerdict) {
  const LabProgram program("Wx1 Ry | Wy1 Rx");
  const auto what = [&](ExploreLimits limits) {
    return std::get<ExploreError>(explore(program, kernel_model(), always, limits)).what;
  };
  ExploreLimits limits;
  limits.graphs_max = 5;
  EXPECT_EQ(what(limits), "more than 5 graphs; the program is too large");
  limits = {};
  limits.events_max = 9;  // six initial writes, four events
  EXPECT_EQ(what(limits), "an execution has more than 9 events");
  limits = {};
  limits.threads_max = 1;
  EXPECT_EQ(what(limits), "2 processes; at most 1 are explored");
}

// A ring of 12: all that is possible but the one outcome that the fences forbid. It takes a second; 12! and more
// interleavings would not.
TEST(Explore, TwelveProcesses) {
  std::vector<std::vector<LabOp>> ring(12);
  for (unsigned t = 0; t < ring.size(); ++t) {
    LabOp write, fence, read;
    write.kind = EventKind::write;
    write.location = t;
    write.value = 1;
    fence.fence = Fence::mb;
    read.kind = EventKind::read;
    read.location = (t + 1) % 12;
    ring[t] = {write, fence, read};
  }
  const LabProgram program(ring, 12);
  EXPECT_EQ(all_of(program, kernel_model()).executions, 4095U);
  EXPECT_EQ(all_of(program, tso_model()).executions, 4095U);
  EXPECT_EQ(all_of(program, sc_model()).executions, 4095U);
  EXPECT_EQ(all_of(program, c11_model()).executions, 4095U);
}

// Six sections and six grace periods: 36 pairs, of each of which one of two orders holds. Tried one after the other without
// learning from what fails, they take minutes.
TEST(Explore, SectionsAndGracePeriodsOfTwelveProcesses) {
  std::vector<std::vector<LabOp>> ring(12);
  for (unsigned t = 0; t < ring.size(); ++t) {
    LabOp write, read, lock, unlock, sync;
    write.kind = EventKind::write;
    write.location = t;
    write.value = 1;
    read.kind = EventKind::read;
    read.location = (t + 1) % 12;
    lock.kind = EventKind::rcu_lock;
    unlock.kind = EventKind::rcu_unlock;
    sync.kind = EventKind::sync_rcu;
    ring[t] = t % 2 == 0 ? std::vector{lock, write, read, unlock} : std::vector{write, sync, read};
  }
  const LabProgram program(ring, 12);
  for (const Model* model : all_models()) EXPECT_EQ(all_of(program, *model).executions, 4095U) << model->name();
}

TEST(Explore, WitnessIsToldInAnOrderThatMakesSense) {
  const Outcome outcome = all_of(LabProgram("Wx1 wmb Wy1 | Ry rmb Rx"), kernel_model(),
                                 [](const State& s) { return holds("1:0=1 1:1=1", s); });
  ASSERT_TRUE(outcome.match);
  const Graph& g = outcome.match->graph;
  const std::vector<EventId> line = linearize(g);
  ASSERT_EQ(line.size(), g.size());
  std::vector<std::size_t> place(g.size());
  for (std::size_t i = 0; i < line.size(); ++i) place[line[i]] = i;
  (g.po | g.rf | g.co | g.fr()).each([&](EventId a, EventId b) { EXPECT_LT(place[a], place[b]); });
}

// ---- flags ------------------------------------------------------------------------------------------------------------

TEST(Flags, DataRaces) {
  EXPECT_EQ(flags_of("Wx1.na | Rx"), Names{"data-race"});
  EXPECT_EQ(flags_of("Wx1.na | Rx", c11_model()), Names{"data-race"});
  EXPECT_EQ(flags_of("Wx1.na | Rx", tso_model()), Names{});
  EXPECT_EQ(flags_of("Wx1 | Rx"), Names{});
  EXPECT_EQ(flags_of("Rx.na | Rx.na"), Names{});
  EXPECT_EQ(flags_of("Lz Wx1.na Uz | Lz Rx.na Uz"), Names{});
  EXPECT_EQ(flags_of("Lz Wx1.na Uz | Lz Rx.na Uz", c11_model()), Names{});
  EXPECT_EQ(flags_of("La Wx1.na Ua | Lb Rx.na Ub"), Names{"data-race"});
}

// The reader is over, or has not begun, when the writer comes out of the grace period.
TEST(Flags, GracePeriodsKeepRacesAway) {
  for (const Model* model : {&kernel_model(), &c11_model()}) {
    EXPECT_EQ(flags_of("rcu{ Rx.na }rcu | sync Rx.na", *model), Names{});
    EXPECT_EQ(flags_of("rcu{ Rx.na }rcu | sync Wx1.na", *model), Names{"data-race"});  // one that begins later
  }
}

TEST(Flags, SectionsThatDoNotMatch) {
  EXPECT_EQ(flags_of("rcu{ Rx"), Names{"unmatched-rcu-lock"});
  EXPECT_EQ(flags_of("Rx }rcu"), Names{"unmatched-rcu-unlock"});
  EXPECT_EQ(flags_of("}rcu rcu{ }rcu"), Names{"unmatched-rcu-unlock"});
  EXPECT_EQ(flags_of("rcu{ rcu{ }rcu }rcu"), Names{});
  EXPECT_EQ(flags_of("srcu{s Rx"), Names{"unmatched-srcu-lock"});
  EXPECT_EQ(flags_of("}srcu{s"), Names{"unmatched-srcu-unlock"});
  EXPECT_EQ(flags_of("rcu{ syncs }rcu"), Names{"invalid-sleep"});
  EXPECT_EQ(flags_of("srcu{s }srcu{s"), Names{});
}

TEST(Flags, AccessesThatDoNotMix) {
  EXPECT_EQ(flags_of("Wx1.na Rx"), Names{"mixed-accesses"});
  EXPECT_EQ(flags_of("Wx1.na mb Rx"), Names{});
  EXPECT_EQ(flags_of("Lz Uz | Wz0"), Names{"mixed-lock-accesses"});
  EXPECT_EQ(flags_of("Uz"), Names{"unmatched-unlock"});
}

// ---- graphs -----------------------------------------------------------------------------------------------------------

TEST(Graph, NestedSectionsMatchAsParentheses) {
  const Outcome outcome = all_of("rcu{ rcu{ }rcu }rcu rcu{ }rcu");
  ASSERT_TRUE(outcome.match);
  const Graph& g = outcome.match->graph;
  std::vector<std::pair<unsigned, unsigned>> found;
  rcu_sections(g).each([&](EventId a, EventId b) { found.emplace_back(g.events[a].index, g.events[b].index); });
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, (std::vector<std::pair<unsigned, unsigned>>{{0, 3}, {1, 2}, {4, 5}}));
}

TEST(Graph, DependenciesAndPartsBecomeRelations) {
  const Outcome outcome = all_of("Rx addr:Ry data:ctrl:Wz1 Xa1");
  ASSERT_TRUE(outcome.match);
  const Graph& g = outcome.match->graph;
  const auto id = [&](unsigned index) {
    for (EventId e = 0; e < g.size(); ++e)
      if (g.events[e].thread == 0 && g.events[e].index == index) return e;
    return g.size();
  };
  EXPECT_TRUE(g.addr.has(id(0), id(1)));
  EXPECT_TRUE(g.data.has(id(1), id(2)));
  EXPECT_TRUE(g.ctrl.has(id(1), id(2)));
  EXPECT_TRUE(g.rmw.has(id(3), id(4)));
  EXPECT_EQ(g.addr.count() + g.data.count() + g.ctrl.count() + g.rmw.count(), 4U);
  EXPECT_TRUE(g.external(g.rf).has(0, id(0)));  // from the initial write
}

}  // namespace
}  // namespace rcufarm::litmus
