#include "litmus/explore.h"

#include <fmt/core.h>

#include "litmus/growing.h"

namespace rcufarm::litmus {
namespace {

class Explorer {
 public:
  Explorer(const Program& program, const Model& model, const Predicate& predicate, const ExploreLimits& limits,
           const Visit& visit)
      : program_(program), model_(model), predicate_(predicate), limits_(limits), visit_(visit), traces_(program) {}

  std::variant<Outcome, ExploreError> run() {
    if (program_.threads() > limits_.threads_max)
      return ExploreError{
          fmt::format("{} processes; at most {} are explored", program_.threads(), limits_.threads_max)};
    std::vector<Event> initial;
    for (Location location = 0; location < program_.locations(); ++location) {
      Event e;
      e.thread = initial_thread;
      e.kind = EventKind::write;
      e.location = location;
      e.value = program_.initial(location);
      initial.push_back(e);
    }
    grow(Growing(initial, traces_, program_.threads(), model_.srcu()), Step::extends);
    if (error_) return *error_;
    return std::move(outcome_);
  }

 private:
  // Can the last step have broken an axiom? One that extends a graph at its newest end cannot: see Model::extensible().
  enum class Step { extends, may_break };

  void grow(Growing growing, Step step) {
    if (error_) return;
    if (++outcome_.graphs > limits_.graphs_max) {
      error_ = ExploreError{fmt::format("more than {} graphs; the program is too large", limits_.graphs_max)};
      return;
    }
    if (step == Step::may_break && !model_.extensible(growing.graph())) return;
    const Event* const next = growing.next();
    if (next == nullptr) {
      finish(growing);
    } else if (growing.nodes().size() == limits_.events_max) {
      error_ = ExploreError{fmt::format("an execution has more than {} events", limits_.events_max)};
    } else if (growing.is_read(*next)) {
      const auto& sources = growing.co(next->location);
      const std::size_t oldest = growing.seen(*next);
      for (std::size_t place = sources.size(); place-- > oldest;) {
        Growing longer = growing;
        longer.add_read(*next, sources[place]);
        grow(std::move(longer), place + 1 == sources.size() ? Step::extends : Step::may_break);
      }
    } else if (growing.is_write(*next)) {
      const NodeId write = growing.add_write(*next);
      grow_from_write(growing, write, Step::extends);
      revisit(growing, write);
    } else {
      growing.add_fence(*next);
      grow(std::move(growing), Step::extends);
    }
  }

  // The write at each place that it may take.
  void grow_from_write(const Growing& growing, NodeId write, Step step) {
    const auto [first, last] = growing.places(write);
    const bool is_rmw = growing.event(write).rmw_read >= 0;
    const std::size_t newest = growing.co(growing.event(write).location).size();
    for (std::size_t place = last + 1; place-- > first;) {
      Growing longer = growing;
      longer.place(write, place);
      grow(std::move(longer), place == newest && !is_rmw ? step : Step::may_break);
    }
  }

  // Reads that were added before the write read it.
  void revisit(const Growing& growing, NodeId write) {
    const EventSet before = growing.prefix(write);
    const Event& written = growing.event(write);
    for (NodeId read = 0; read < write; ++read) {
      const Event& e = growing.event(read);
      if (!growing.is_read(e) || e.location != written.location || before.has(read)) continue;
      if (!growing.may_revisit(read, write, before)) continue;
      Growing back = growing;
      const NodeId moved = back.revisit(read, write, before);
      grow_from_write(back, moved, Step::may_break);
    }
  }

  void finish(const Growing& growing) {
    if (!growing.ended()) {
      ++outcome_.blocked;
      return;
    }
    Graph graph = growing.graph();
    if (!model_.consistent(graph)) return;
    State state = growing.state();
    if (visit_) visit_(graph, state);
    if (!program_.counts(state)) return;
    ++outcome_.executions;
    const Flags flags = model_.flags(graph);
    outcome_.flags |= flags;
    const bool matches = predicate_(state);
    if (matches) ++outcome_.matches;
    if (flags.has(Flag::data_race)) keep_first(outcome_.race, graph, state);
    keep_first(matches ? outcome_.match : outcome_.mismatch, graph, state);
    ++outcome_.states[std::move(state)];
  }

  static void keep_first(std::optional<Execution>& kept, const Graph& graph, const State& state) {
    if (!kept) kept = Execution{.graph = graph, .state = state};
  }

  const Program& program_;
  const Model& model_;
  const Predicate& predicate_;
  const ExploreLimits& limits_;
  const Visit& visit_;
  Traces traces_;
  Outcome outcome_;
  std::optional<ExploreError> error_;
};

}  // namespace

std::variant<Outcome, ExploreError> explore(const Program& program, const Model& model, const Predicate& predicate,
                                            const ExploreLimits& limits, const Visit& visit) {
  return Explorer(program, model, predicate, limits, visit).run();
}

std::variant<Outcome, ExploreError> explore(const Program& program, const Model& model, const Predicate& predicate,
                                            const ExploreLimits& limits) {
  return explore(program, model, predicate, limits, Visit());
}

}  // namespace rcufarm::litmus
