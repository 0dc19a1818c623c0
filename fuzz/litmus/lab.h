// Small programs for this folder's tests, written in a line.
//
// Threads are separated by `|`, operations by spaces. x, y, z … are locations, all 0 at first; a thread's registers are
// numbered in the order of its reads.
//
//   Rx Wx1         READ_ONCE, WRITE_ONCE of 1; .acq .rel .sc .na: acquire, release, seq_cst, plain
//   Xx1            xchg that is relaxed; .full .acq .rel
//   Cx01           cmpxchg from 0 to 1, the same orders;  Ax1: atomic_add, returns nothing
//   Lx Ux          spin_lock, spin_unlock
//   mb rmb wmb before after after_lock after_ul;  sc acq rel acqrel: C11 fences
//   rcu{ }rcu sync;  srcu{s }srcu{s syncs: SRCU, of struct s
//   addr: data: ctrl: before an operation: it depends on the thread's last read
//   Wx=            writes what the last read returned
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "litmus/program.h"

namespace rcufarm::litmus {

struct LabOp {
  EventKind kind = EventKind::fence;
  Order order = Order::once;
  Fence fence = Fence::none;
  Part part = Part::access;
  Location location = 0;
  Value value = 0, expected = 0;
  bool compares = false;
  bool copies = false;  // the last read's value
  bool addr = false, data = false, ctrl = false;
};

class LabProgram final : public Program {
 public:
  explicit LabProgram(std::vector<std::vector<LabOp>> ops, unsigned locations = 6)
      : ops_(std::move(ops)), locations_(locations) {
    for (unsigned i = 0; i < locations; ++i) names_.emplace_back(1, location_names[i]);
  }
  explicit LabProgram(std::string_view text) : LabProgram(parse(text)) {}

  unsigned threads() const override { return static_cast<unsigned>(ops_.size()); }
  unsigned locations() const override { return locations_; }
  const std::string& name_of(Location location) const override { return names_[location]; }
  Value initial(Location) const override { return 0; }
  bool counts(const State&) const override { return true; }

  ThreadTrace run(unsigned thread, std::span<const Value> reads) const override {
    ThreadTrace trace;
    std::size_t used = 0;
    const auto add = [&](Event e, const LabOp& op) -> Event& {
      e.thread = thread;
      e.index = static_cast<unsigned>(trace.events.size());
      e.location = op.location;
      e.part = op.part;
      trace.events.push_back(e);
      return trace.events.back();
    };
    int last_read = -1, last_srcu_lock = -1;
    for (const LabOp& op : ops_[thread]) {
      Event e;
      e.kind = op.kind;
      e.order = op.order;
      e.fence = op.fence;
      e.value = op.copies ? trace.registers.back() : op.value;
      if (last_read >= 0) {
        const auto read = static_cast<unsigned>(last_read);
        if (op.addr) e.addr = {read};
        if (op.data || op.copies) e.data = {read};
        if (op.ctrl) e.ctrl = {read};
      }
      const bool rmw = op.part == Part::rmw || op.part == Part::noreturn || op.part == Part::lock;
      if (op.kind == EventKind::srcu_unlock && last_srcu_lock >= 0) e.data = {static_cast<unsigned>(last_srcu_lock)};
      if (op.kind != EventKind::read && !rmw) {
        add(e, op);
        if (op.kind == EventKind::srcu_lock) last_srcu_lock = static_cast<int>(e.index = trace.events.back().index);
        continue;
      }
      Event read = e;
      read.kind = EventKind::read;
      if (rmw) read.order = op.order == Order::release ? Order::once : op.order;
      if (rmw && op.part != Part::rmw) read.order = Order::once;
      Event& added = add(read, op);
      const unsigned index = added.index;
      if (used == reads.size()) return trace;
      added.value = reads[used++];
      const Value value = added.value;
      if (op.part != Part::noreturn && op.part != Part::lock) {
        trace.registers.push_back(value);
        last_read = static_cast<int>(index);
      }
      if (op.part == Part::lock && value != 0) {
        trace.cut = true;
        return trace;
      }
      if (!rmw) continue;
      if (op.compares && value != op.expected) {
        added.order = Order::once;
        continue;
      }
      Event write = e;
      write.kind = EventKind::write;
      write.order = op.order == Order::acquire ? Order::once : op.order;
      write.rmw_read = static_cast<int>(index);
      if (op.part == Part::noreturn) write.value = value + op.value;
      add(write, op);
    }
    trace.ended = true;
    return trace;
  }

  static constexpr std::string_view location_names = "xyzsabcdefgh";

 private:
  static std::vector<std::vector<LabOp>> parse(std::string_view text) {
    std::vector<std::vector<LabOp>> threads(1);
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      const std::string_view word = text.substr(at, end - at);
      at = end + 1;
      if (word.empty()) continue;
      if (word == "|") {
        threads.emplace_back();
      } else {
        threads.back().push_back(parse_op(word));
      }
    }
    return threads;
  }

  static LabOp parse_op(std::string_view word) {
    LabOp op;
    const std::string_view whole = word;
    for (bool more = true; more;) {
      more = false;
      for (const auto& [prefix, flag] :
           {std::pair{std::string_view("addr:"), &LabOp::addr}, {"data:", &LabOp::data}, {"ctrl:", &LabOp::ctrl}})
        if (word.starts_with(prefix)) {
          op.*flag = true;
          word.remove_prefix(prefix.size());
          more = true;
        }
    }
    using enum Fence;
    for (const auto& [name, fence] : {std::pair{std::string_view("mb"), mb},
                                      {"rmb", rmb},
                                      {"wmb", wmb},
                                      {"before", before_atomic},
                                      {"after", after_atomic},
                                      {"after_lock", after_spinlock},
                                      {"after_ul", after_unlock_lock},
                                      {"after_srcu", after_srcu_read_unlock},
                                      {"sc", seq_cst},
                                      {"acq", acquire},
                                      {"rel", release},
                                      {"acqrel", acq_rel},
                                      {"barrier", barrier}})
      if (word == name) {
        op.fence = fence;
        return op;
      }
    using Kind = EventKind;
    for (const auto& [name, kind] :
         {std::pair{std::string_view("rcu{"), Kind::rcu_lock}, {"}rcu", Kind::rcu_unlock}, {"sync", Kind::sync_rcu}})
      if (word == name) {
        op.kind = kind;
        return op;
      }
    for (const auto& [name, kind] : {std::pair{std::string_view("srcu{"), Kind::srcu_lock},
                                     {"}srcu{", Kind::srcu_unlock},
                                     {"sync", Kind::sync_srcu}})
      if (word.starts_with(name)) {
        op.kind = kind;
        op.location = location(word.substr(name.size()), whole);
        return op;
      }
    if (const auto dot = word.find('.'); dot != word.npos) {
      op.order = order(word.substr(dot + 1), whole);
      word = word.substr(0, dot);
    }
    op.location = location(word.substr(1, 1), whole);
    const std::string_view rest = word.substr(2);
    op.copies = rest == "=";
    if (!op.copies && !rest.empty()) op.value = rest.back() - '0';
    switch (word[0]) {
      case 'R': op.kind = Kind::read; break;
      case 'W': op.kind = Kind::write; break;
      case 'X': op.part = Part::rmw; break;
      case 'C':
        op.part = Part::rmw;
        op.compares = true;
        op.expected = rest[0] - '0';
        break;
      case 'A': op.part = Part::noreturn; break;
      case 'L':
        op.part = Part::lock;
        op.value = 1;
        break;
      case 'U':
        op.kind = Kind::write;
        op.part = Part::unlock;
        break;
      default: throw std::invalid_argument(std::string(whole));
    }
    return op;
  }

  static Location location(std::string_view name, std::string_view word) {
    const std::size_t found = name.empty() ? name.npos : location_names.find(name[0]);
    if (found == name.npos) throw std::invalid_argument(std::string(word));
    return static_cast<Location>(found);
  }

  static Order order(std::string_view name, std::string_view word) {
    if (name == "na") return Order::plain;
    if (name == "acq") return Order::acquire;
    if (name == "rel") return Order::release;
    if (name == "acqrel") return Order::acq_rel;
    if (name == "sc" || name == "full") return Order::seq_cst;
    throw std::invalid_argument(std::string(word));
  }

  std::vector<std::vector<LabOp>> ops_;
  unsigned locations_;
  std::vector<std::string> names_;
};

// "1:0=1 1:1=0 x=2": the second thread's first register is 1, its second 0, and x is 2 at the end.
inline bool holds(std::string_view condition, const State& state) {
  std::size_t at = 0;
  while (at < condition.size()) {
    const std::size_t end = std::min(condition.find(' ', at), condition.size());
    const std::string_view word = condition.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    const std::size_t equals = word.find('=');
    if (equals == word.npos) throw std::invalid_argument(std::string(word));
    const Value wanted = word[equals + 1] - '0';
    const std::size_t place = LabProgram::location_names.find(word[0]);
    const auto& registers = state.registers;
    const Value found =
        place != word.npos
            ? state.locations[place]
            : registers.at(static_cast<std::size_t>(word[0] - '0')).at(static_cast<std::size_t>(word[2] - '0'));
    if (found != wanted) return false;
  }
  return true;
}

}  // namespace rcufarm::litmus
