#include "litmus/buffering.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "litmus/traces.h"

namespace rcufarm::litmus {
namespace {

class Search {
 public:
  Search(const Program& program, const Model& model, const Predicate& wanted, bool wants_race,
         const BufferingLimits& limits)
      : program_(program),
        model_(model),
        wanted_(wanted),
        wants_race_(wants_race),
        limits_(limits),
        traces_(program),
        values_(program.locations()),
        ended_(program.threads()),
        chosen_(program.threads()) {}

  std::variant<std::optional<Execution>, ExploreError> run() {
    for (Location l = 0; l < program_.locations(); ++l) values_[l].insert(program_.initial(l));
    follow_all();
    choose_traces(0);
    if (!done()) {
      is_assuming_ = true;
      for (const Value constant : program_.constants()) {
        for (auto& values : values_) values.insert(constant);
      }
      follow_all();
      choose_traces(0);
    }
    if (error_) return *error_;
    return std::move(found_);
  }

 private:
  bool done() const { return error_.has_value() || found_.has_value(); }
  void exceeded(const char* what, std::uint64_t limit) {
    error_ = ExploreError{fmt::format("more than {} {}", limit, what)};
  }

  // ---- what a thread may do ------------------------------------------------------------------------------------------

  void follow_all() {
    // A value comes to a read by way of writes, by each of them once: so many rounds are enough, though there may always be
    // a further value (two CPUs that add 1 to what they read).
    std::size_t writes = 0;
    bool grown = true;
    for (std::size_t round = 0; grown && round <= writes && !error_; ++round) {
      written_ = values_;
      writes = 0;
      for (unsigned t = 0; t < program_.threads(); ++t) {
        ended_[t].clear();
        followed_ = writes_ = 0;
        follow(t, {});
        writes += writes_;
      }
      grown = written_ != values_;
      if (grown && round < writes) values_ = written_;
    }
  }

  void follow(unsigned thread, const std::vector<Value>& reads) {
    if (error_) return;
    const ThreadTrace& trace = traces_.run(thread, reads);
    std::size_t writes = 0;
    for (const Event& e : trace.events) {
      if (e.kind != EventKind::write) continue;
      ++writes;
      written_[e.location].insert(e.value);
      if (written_[e.location].size() > limits_.values_max) return exceeded("values of a location", limits_.values_max);
    }
    writes_ = std::max(writes_, writes);
    if (trace.cut || trace.ended) {
      if (trace.ended && !trace.cut) ended_[thread].push_back(&trace);
      if (++followed_ > limits_.traces_max) exceeded("ways through a process", limits_.traces_max);
      return;
    }
    std::vector<Value> longer = reads;
    longer.push_back(0);
    for (const Value value : values_[trace.events.back().location]) {
      longer.back() = value;
      follow(thread, longer);
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

  // Is each value that is read written by somebody?
  bool all_served() const {
    std::set<std::pair<Location, Value>> served;
    for (Location l = 0; l < program_.locations(); ++l) served.emplace(l, program_.initial(l));
    for (const ThreadTrace* trace : chosen_)
      for (const Event& e : trace->events)
        if (e.kind == EventKind::write) served.emplace(e.location, e.value);
    for (const ThreadTrace* trace : chosen_)
      for (const Event& e : trace->events)
        if (e.kind == EventKind::read && served.count({e.location, e.value}) == 0) return false;
    return true;
  }

  // With what was chosen for the registers, and any write as the last of its location?
  bool may_be_wanted() const {
    std::vector<std::vector<Value>> last(program_.locations());
    for (Location l = 0; l < program_.locations(); ++l) last[l].push_back(program_.initial(l));
    for (const ThreadTrace* trace : chosen_)
      for (const Event& e : trace->events)
        if (e.kind == EventKind::write) last[e.location].push_back(e.value);
    std::size_t combinations = 1;
    for (auto& values : last) {
      std::sort(values.begin(), values.end());
      values.erase(std::unique(values.begin(), values.end()), values.end());
      combinations *= values.size();
      if (combinations > 4096) return true;  // to ask costs more than it saves
    }
    State state;
    for (const ThreadTrace* trace : chosen_) state.registers.push_back(trace->registers);
    state.locations.resize(last.size());
    for (std::size_t i = 0; i < combinations; ++i) {
      std::size_t rest = i;
      for (std::size_t l = 0; l < last.size(); rest /= last[l++].size())
        state.locations[l] = last[l][rest % last[l].size()];
      if (program_.counts(state) && wanted_(state)) return true;
    }
    return false;
  }

  void choose_rf() {
    count_candidate();  // what is refused at once takes time too
    if (error_ || !all_served() || !may_be_wanted()) return;
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
      if (is_assuming_ && !acyclic(g.rf | g.data | g.addr)) return;
      g.co = g.none();
      return choose_order(g, 0);
    }
    const EventId read = reads[next];
    const Event& e = g.events[read];
    const EventSet changed = domain(g.rf >> domain(g.rmw));
    const bool changes = domain(g.rmw).has(read);
    for (EventId write = 0; write < g.size() && !done(); ++write) {
      if (!g.writes.has(write) || !g.loc.has(write, read) || g.po.has(read, write)) continue;
      if (e.kind == EventKind::read && g.events[write].value != e.value) continue;
      if (changes && changed.has(write)) continue;  // two read-modify-writes of one write are not atomic
      g.rf.add(write, read);
      choose_source(g, reads, next + 1);
      g.rf.remove(write, read);
    }
  }

  // Of the writes of this location and those behind it.
  void choose_order(Graph& g, Location location) {
    if (location == program_.locations()) return judge(g);
    std::vector<EventId> writes;
    (g.writes - g.initial).each([&](EventId e) {
      if (g.events[e].location == location) writes.push_back(e);
    });
    std::vector<EventId> order = {location};
    choose_place(g, location, order, g.rf >> g.rmw, writes, 0);
  }

  // Does a write stand between one that a read-modify-write read and the one that it wrote?
  static bool tears(const Relation& changes, const std::vector<EventId>& order) {
    for (std::size_t i = 0; i < order.size(); ++i)
      for (std::size_t j = 0; j < order.size(); ++j)
        if (j != i + 1 && changes.has(order[i], order[j])) return true;
    return false;
  }

  void choose_place(Graph& g, Location location, std::vector<EventId>& order, const Relation& changes,
                    const std::vector<EventId>& writes, std::size_t next) {
    if (next == writes.size()) {
      count_candidate();
      if (done()) return;
      const Relation before = g.co;
      for (std::size_t i = 0; i < order.size(); ++i)
        for (std::size_t j = i + 1; j < order.size(); ++j) g.co.add(order[i], order[j]);
      if (coherent(g) && atomic(g)) choose_order(g, location + 1);
      g.co = before;
      return;
    }
    const EventId write = writes[next];
    for (std::size_t place = 1; place <= order.size() && !done(); ++place) {
      // Writes come in program order for each thread, and take their places so.
      if (std::any_of(order.begin() + static_cast<std::ptrdiff_t>(place), order.end(),
                      [&](EventId later) { return g.po.has(later, write); }))
        continue;
      order.insert(order.begin() + static_cast<std::ptrdiff_t>(place), write);
      if (!tears(changes, order)) choose_place(g, location, order, changes, writes, next + 1);
      order.erase(order.begin() + static_cast<std::ptrdiff_t>(place));
    }
  }

  void count_candidate() {
    if (++candidates_ > limits_.candidates_max) exceeded("candidate executions", limits_.candidates_max);
  }

  void judge(const Graph& g) {
    State state;
    for (const ThreadTrace* trace : chosen_) state.registers.push_back(trace->registers);
    for (Location l = 0; l < program_.locations(); ++l) {
      EventId last = l;
      g.co.after(l).each([&](EventId e) {
        if (g.co.has(last, e)) last = e;
      });
      state.locations.push_back(g.events[last].value);
    }
    if (!program_.counts(state) || !wanted_(state)) return;
    if (!model_.consistent(g)) return;
    if (!wants_race_ || model_.races(g)) found_ = Execution{.graph = g, .state = std::move(state)};
  }

  const Program& program_;
  const Model& model_;
  const Predicate& wanted_;
  const bool wants_race_;
  const BufferingLimits& limits_;
  Traces traces_;
  std::vector<std::set<Value>> values_;   // that a read of the location may return
  std::vector<std::set<Value>> written_;  // by what threads do on these
  std::size_t writes_ = 0;                // of the thread that is followed, at most
  std::vector<std::vector<const ThreadTrace*>> ended_;
  std::vector<const ThreadTrace*> chosen_;
  bool is_assuming_ = false;  // that reads return numbers of the text
  std::size_t followed_ = 0;  // to their ends, of one thread
  std::uint64_t candidates_ = 0;
  std::optional<Execution> found_;
  std::optional<ExploreError> error_;
};

}  // namespace

std::variant<std::optional<Execution>, ExploreError> find_load_buffering(const Program& program, const Model& model,
                                                                         const Predicate& wanted,
                                                                         const BufferingLimits& limits) {
  return Search(program, model, wanted, false, limits).run();
}

std::variant<std::optional<Execution>, ExploreError> find_buffered_race(const Program& program, const Model& model,
                                                                        const BufferingLimits& limits) {
  const Predicate any = [](const State&) { return true; };
  return Search(program, model, any, true, limits).run();
}

}  // namespace rcufarm::litmus
