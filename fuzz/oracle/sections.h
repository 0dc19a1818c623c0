// The books of readers: which read sections are open, and since when.
//
// Job: answer "is a reader inside that is older than this moment?" for the oracles of object life. One run owns it;
// reset between runs. Only the outermost section of a context counts for each flavour, as for a grace period.
#pragma once

#include <bit>
#include <cstdint>

#include "sim/context_id.h"
#include "sim/events.h"

namespace rcufarm::oracle {

// Orders a run's events: larger is later. 0: before the run.
using Moment = std::uint64_t;

class Sections {
 public:
  Moment now() { return ++clock_; }

  void begin(const sim::Event& e) {
    State& s = flavors_[static_cast<unsigned>(e.flavor)];
    s.open |= sim::bit_of(e.context);
    s.since[sim::index_of(e.context)] = now();
    s.party[sim::index_of(e.context)] = {
        .context = e.context, .cpu = e.cpu, .op = e.op, .step = e.step, .site = e.site};
  }
  void end(const sim::Event& e) { flavors_[static_cast<unsigned>(e.flavor)].open &= ~sim::bit_of(e.context); }

  // A reader of the flavour that is inside and began before the moment; null: none.
  const sim::Party* older_reader(kernel::RcuFlavor flavor, Moment moment) const {
    const State& s = flavors_[static_cast<unsigned>(flavor)];
    for (std::uint64_t left = s.open; left != 0; left &= left - 1) {
      const auto i = static_cast<unsigned>(std::countr_zero(left));
      if (s.since[i] < moment) return &s.party[i];
    }
    return nullptr;
  }

  // Is the context inside a section?
  bool is_reader(sim::ContextId context) const {
    return ((flavors_[0].open | flavors_[1].open) & sim::bit_of(context)) != 0;
  }

  void reset() {
    clock_ = 0;
    for (State& s : flavors_) s.open = 0;
  }

 private:
  struct State {
    std::uint64_t open = 0;  // contexts, by bit_of()
    Moment since[sim::context_count] = {};
    sim::Party party[sim::context_count];
  };
  Moment clock_ = 0;
  State flavors_[kernel::rcu_flavor_count];
};

}  // namespace rcufarm::oracle
