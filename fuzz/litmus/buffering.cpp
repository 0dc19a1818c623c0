#include "litmus/buffering.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "litmus/traces.h"

namespace rcufarm::litmus {
namespace {

class Search {
 public:
  Search(const Program& program, const Model& model, const Predicate& wanted, const BufferingLimits& limits)
      : program_(program),
        model_(model),
        wanted_(wanted),
        limits_(limits),
        traces_(program),
        values_(program.locations()),
        ended_(program.threads()),
        chosen_(program.threads()) {}

  std::variant<std::optional<Execution>, ExploreError> run() {
    for (Location l = 0; l < program_.locations(); ++l) values_[l].insert(program_.initial(l));
    for (bool grown = true; grown && !error_;) {
      grown = false;
      for (unsigned t = 0; t < program_.threads(); ++t) {
        ended_[t].clear();
        followed_ = 0;
        follow(t, {}, grown);
      }
    }
    choose_traces(0);
    if (error_) return *error_;
    return std::move(found_);
  }

 private:
  bool done() const { return error_.has_value() || found_.has_value(); }
  void exceeded(const char* what, std::uint64_t limit) {
    error_ = ExploreError{fmt::format("more than {} {}", limit, what)};
  }

  // ---- what a thread may do ------------------------------------------------------------------------------------------

  void follow(unsigned thread, const std::vector<Value>& reads, bool& grown) {
    if (error_) return;
    const ThreadTrace& trace = traces_.run(thread, reads);
    for (const Event& e : trace.events) {
      if (e.kind != EventKind::write) continue;
      grown = values_[e.location].insert(e.value).second || grown;
      if (values_[e.location].size() > limits_.values_max) return exceeded("values of a location", limits_.values_max);
    }
    if (trace.cut || trace.ended) {
      if (trace.ended && !trace.cut) ended_[thread].push_back(&trace);
      if (++followed_ > limits_.traces_max) exceeded("ways through a process", limits_.traces_max);
      return;
    }
    std::vector<Value> longer = reads;
    longer.push_back(0);
    const std::set<Value> values = values_[trace.events.back().location];
    for (const Value value : values) {
      longer.back() = value;
      follow(thread, longer, grown);
    }
  }

  void choose_traces(unsigned thread) {
    if (thread == program_.threads()) return choose_rf();
    for (const ThreadTrace* trace : ended_[thread]) {
      if (done()) return;
      chosen_[thread] = trace;
      choose_traces(thread + 1);
    }
  }

  // ---- rf and co of what was chosen ----------------------------------------------------------------------------------

  void choose_rf() {
    count_candidate();  // traces whose reads nobody can serve take time too
    std::vector<Event> events;
    for (Location l = 0; l < program_.locations(); ++l) {
      Event e;
      e.thread = initial_thread;
      e.kind = EventKind::write;
      e.location = l;
      e.value = program_.initial(l);
      events.push_back(e);
    }
    for (const ThreadTrace* trace : chosen_) events.insert(events.end(), trace->events.begin(), trace->events.end());
    if (events.size() > graph_events_max) return exceeded("events", graph_events_max);
    Graph g(std::move(events), model_.srcu());
    std::vector<EventId> reads;
    g.reads.each([&](EventId e) { reads.push_back(e); });
    choose_source(g, reads, 0);
  }

  void choose_source(Graph& g, const std::vector<EventId>& reads, std::size_t next) {
    if (next == reads.size()) {
      if (acyclic(g.po | g.rf) || !acyclic((g.po & g.loc) | g.rf)) return;
      std::vector<std::vector<EventId>> order(program_.locations());
      for (Location l = 0; l < program_.locations(); ++l) order[l] = {l};
      std::vector<EventId> writes;
      (g.writes - g.initial).each([&](EventId e) { writes.push_back(e); });
      return choose_place(g, order, writes, 0);
    }
    const EventId read = reads[next];
    const Event& e = g.events[read];
    for (EventId write = 0; write < g.size() && !done(); ++write) {
      if (!g.writes.has(write) || !g.loc.has(write, read) || g.po.has(read, write)) continue;
      if (e.kind == EventKind::read && g.events[write].value != e.value) continue;
      g.rf.add(write, read);
      choose_source(g, reads, next + 1);
      g.rf.remove(write, read);
    }
  }

  void choose_place(Graph& g, std::vector<std::vector<EventId>>& order, const std::vector<EventId>& writes,
                    std::size_t next) {
    if (next == writes.size()) return judge(g, order);
    const EventId write = writes[next];
    auto& there = order[g.events[write].location];
    for (std::size_t place = 1; place <= there.size() && !done(); ++place) {
      // Writes come in program order for each thread, and take their places so.
      if (std::any_of(there.begin() + static_cast<std::ptrdiff_t>(place), there.end(),
                      [&](EventId later) { return g.po.has(later, write); }))
        continue;
      there.insert(there.begin() + static_cast<std::ptrdiff_t>(place), write);
      choose_place(g, order, writes, next + 1);
      there.erase(there.begin() + static_cast<std::ptrdiff_t>(place));
    }
  }

  void count_candidate() {
    if (++candidates_ > limits_.candidates_max) exceeded("candidate executions", limits_.candidates_max);
  }

  void judge(Graph& g, const std::vector<std::vector<EventId>>& order) {
    count_candidate();
    if (done()) return;
    State state;
    for (const ThreadTrace* trace : chosen_) state.registers.push_back(trace->registers);
    for (const auto& writes : order) state.locations.push_back(g.events[writes.back()].value);
    if (!program_.counts(state) || !wanted_(state)) return;
    g.co = g.none();
    for (const auto& writes : order)
      for (std::size_t i = 0; i < writes.size(); ++i)
        for (std::size_t j = i + 1; j < writes.size(); ++j) g.co.add(writes[i], writes[j]);
    if (model_.consistent(g)) found_ = Execution{.graph = g, .state = std::move(state)};
  }

  const Program& program_;
  const Model& model_;
  const Predicate& wanted_;
  const BufferingLimits& limits_;
  Traces traces_;
  std::vector<std::set<Value>> values_;  // that a read of the location may return
  std::vector<std::vector<const ThreadTrace*>> ended_;
  std::vector<const ThreadTrace*> chosen_;
  std::size_t followed_ = 0;  // to their ends, of one thread
  std::uint64_t candidates_ = 0;
  std::optional<Execution> found_;
  std::optional<ExploreError> error_;
};

}  // namespace

std::variant<std::optional<Execution>, ExploreError> find_load_buffering(const Program& program, const Model& model,
                                                                         const Predicate& wanted,
                                                                         const BufferingLimits& limits) {
  return Search(program, model, wanted, limits).run();
}

}  // namespace rcufarm::litmus
