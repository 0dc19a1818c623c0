#include "cli/litmus_drawing.h"

#include <fmt/format.h>

#include "litmus/observe.h"

namespace rcufarm::cli {

namespace {

using litmus::Event;
using litmus::EventId;
using litmus::EventKind;
using litmus::Fence;
using litmus::Order;
using litmus::Part;

// With a comma before it; a plain access has none.
std::string_view order_of(Order order, bool kernel) {
  switch (order) {
    case Order::plain: return ", plain";
    case Order::once: return "";
    case Order::acquire: return ", acquire";
    case Order::release: return ", release";
    case Order::acq_rel: return ", acq_rel";
    case Order::seq_cst: return kernel ? ", full barrier" : ", seq_cst";
  }
  return "";
}

std::string_view name_of(Fence fence) {
  switch (fence) {
    case Fence::none: return "fence(relaxed)";
    case Fence::mb: return "smp_mb()";
    case Fence::rmb: return "smp_rmb()";
    case Fence::wmb: return "smp_wmb()";
    case Fence::barrier: return "barrier()";
    case Fence::before_atomic: return "smp_mb__before_atomic()";
    case Fence::after_atomic: return "smp_mb__after_atomic()";
    case Fence::after_spinlock: return "smp_mb__after_spinlock()";
    case Fence::after_unlock_lock: return "smp_mb__after_unlock_lock()";
    case Fence::after_srcu_read_unlock: return "smp_mb__after_srcu_read_unlock()";
    case Fence::acquire: return "fence(acquire)";
    case Fence::release: return "fence(release)";
    case Fence::acq_rel: return "fence(acq_rel)";
    case Fence::seq_cst: return "fence(seq_cst)";
  }
  return "";
}

class Drawing {
 public:
  Drawing(const litmus::Execution& execution, const litmus::LitmusProgram& program)
      : graph_(execution.graph), program_(program), line_(litmus::linearize(graph_)), number_of_(graph_.size(), 0) {}

  report::Diagram draw(std::string title) {
    report::Diagram diagram;
    diagram.signature = std::move(title);
    for (unsigned i = 0; i < program_.threads(); ++i) diagram.columns.push_back(fmt::format("P{}", i));
    for (const EventId id : line_) {
      if (!graph_.initial.has(id) && is_shown(graph_.events[id])) number_of_[id] = ++rows_;
    }
    // A lock's write happens in the row of its read.
    for (EventId id = 0; id < graph_.size(); ++id) {
      const Event& event = graph_.events[id];
      if (graph_.initial.has(id) || is_shown(event)) continue;
      for (EventId read = 0; read < graph_.size(); ++read) {
        if (graph_.rmw.has(read, id)) number_of_[id] = number_of_[read];
      }
    }
    for (const EventId id : line_) {
      if (graph_.initial.has(id) || !is_shown(graph_.events[id])) continue;
      report::Row row;
      row.column = graph_.events[id].thread;
      row.number = number_of_[id];
      row.text = text_of(id);
      row.note = note_of(id);
      diagram.rows.push_back(std::move(row));
    }
    return diagram;
  }

 private:
  // A lock is one step: its write adds nothing.
  static bool is_shown(const Event& event) { return event.kind != EventKind::write || event.part != Part::lock; }

  bool has_write(EventId read) const {
    for (EventId write = 0; write < graph_.size(); ++write) {
      if (graph_.rmw.has(read, write)) return true;
    }
    return false;
  }

  std::string text_of(EventId id) const {
    const Event& event = graph_.events[id];
    const std::string& place = event.location < program_.locations() ? program_.name_of(event.location) : no_name_;
    const std::string value = litmus::text_of(event.value, program_.test());
    const char* rmw = event.part == Part::rmw || event.part == Part::noreturn ? "rmw " : "";
    switch (event.kind) {
      case EventKind::read:
        if (event.part == Part::is_locked) return fmt::format("spin_is_locked({}) -> {}", place, value);
        if (event.part == Part::lock) {
          return has_write(id) ? fmt::format("lock({})", place) : fmt::format("spin_trylock({}) -> 0", place);
        }
        return fmt::format("{}load({}{}) -> {}", rmw, place, order_of(event.order, !program_.test().calls_c11), value);
      case EventKind::write:
        if (event.part == Part::unlock) return fmt::format("unlock({})", place);
        return fmt::format("{}store({}, {}{})", rmw, place, value, order_of(event.order, !program_.test().calls_c11));
      case EventKind::fence: return std::string(name_of(event.fence));
      case EventKind::rcu_lock: return "rcu_read_lock()";
      case EventKind::rcu_unlock: return "rcu_read_unlock()";
      case EventKind::sync_rcu: return "synchronize_rcu()";
      case EventKind::srcu_lock: return fmt::format("srcu_read_lock({}) -> {}", place, value);
      case EventKind::srcu_unlock: return fmt::format("srcu_read_unlock({}, {})", place, value);
      case EventKind::sync_srcu: return fmt::format("synchronize_srcu({})", place);
    }
    return "";
  }

  // The youngest write behind `write` in its location's order that stands above row `number`; 0: none.
  unsigned newer_above(EventId write, unsigned number) const {
    EventId newest = write;
    for (const EventId other : line_) {
      if (number_of_[other] != 0 && number_of_[other] < number && graph_.co.has(newest, other)) newest = other;
    }
    return newest == write ? 0 : number_of_[newest];
  }

  std::string note_of(EventId id) const {
    const Event& event = graph_.events[id];
    if (event.kind == EventKind::write) {
      const unsigned newer = newer_above(id, number_of_[id]);
      return newer == 0 ? "" : fmt::format("older than {}", newer);
    }
    if (event.kind != EventKind::read) return "";
    for (EventId write = 0; write < graph_.size(); ++write) {
      if (!graph_.rf.has(write, id)) continue;
      std::string note = graph_.initial.has(write) ? "from the start" : fmt::format("from {}", number_of_[write]);
      if (const unsigned newer = newer_above(write, number_of_[id]); newer != 0)
        note += fmt::format("; {} is newer", newer);
      return note;
    }
    return "";
  }

  const litmus::Graph& graph_;
  const litmus::LitmusProgram& program_;
  const std::vector<EventId> line_;
  std::vector<unsigned> number_of_;  // rows, by event; 0: it has none
  unsigned rows_ = 0;
  const std::string no_name_ = "?";
};

}  // namespace

report::Diagram draw(const litmus::Execution& execution, const litmus::LitmusProgram& program, std::string title) {
  return Drawing(execution, program).draw(std::move(title));
}

}  // namespace rcufarm::cli
