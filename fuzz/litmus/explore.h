// All executions of a program under a model.
//
// Job: from a Program to final states, how often each is reached, flags, and one execution as a witness. Executions are
// graphs, not interleavings: two differ if a read reads another write (rf) or two writes of a location change places (co). Each
// one is built once, after TruSt (Kokologiannakis, Marmanis, Gladstein and Vafeiadis, POPL 2022). Load buffering, a cycle
// of po and rf, is never built. A call owns all its state.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "litmus/graph.h"
#include "litmus/model.h"
#include "litmus/program.h"

namespace rcufarm::litmus {

struct ExploreLimits {
  unsigned threads_max = 32;
  unsigned events_max = graph_events_max;  // of an execution, one initial write for each location included
  std::uint64_t graphs_max = 20'000'000;   // beginnings of executions that are looked at
};

// A limit was reached, or the program's threads are not what program.h promises. There is no verdict then.
struct ExploreError {
  std::string what;
};

struct Execution {
  Graph graph;
  State state;
};

struct Outcome {
  std::map<State, std::uint64_t> states;  // and the number of executions that end so
  std::uint64_t executions = 0;           // that count (Program::counts)
  std::uint64_t matches = 0;              // of these: the predicate holds
  Flags flags;
  std::optional<Execution> match, mismatch, race;  // the first of each
  std::uint64_t graphs = 0;                        // beginnings of executions that were looked at
  std::uint64_t blocked = 0;                       // executions that a thread could not end
};

using Predicate = std::function<bool(const State&)>;

std::variant<Outcome, ExploreError> explore(const Program& program, const Model& model, const Predicate& predicate,
                                            const ExploreLimits& limits = {});

// The same, for who wants to see each execution: visit(graph, state), those included that `filter` removes.
using Visit = std::function<void(const Graph& graph, const State& state)>;
std::variant<Outcome, ExploreError> explore(const Program& program, const Model& model, const Predicate& predicate,
                                            const ExploreLimits& limits, const Visit& visit);

}  // namespace rcufarm::litmus
