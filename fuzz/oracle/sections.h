// The books of readers: which read sections are open, and since when.
//
// Job: answer "is a reader inside that is older than this moment?" for the oracles of object life. One run owns it;
// reset between runs. Only the outermost section of a context counts for each flavour, as for a grace period.
#pragma once

#include <cstdint>

#include "machine/engine/context_set.h"
#include "machine/engine/events.h"

namespace rcufarm::oracle {

// Orders a run's events: larger is later. 0: before the run.
using Moment = std::uint64_t;

// Whose sections a free waits for, before the memory goes back to the slab.
enum class Readers : std::uint8_t { none, regular, both };

class Sections {
 public:
  Moment now() { return ++clock_; }

  void begin(const sim::Event& e) {
    State& s = flavors_[static_cast<unsigned>(e.flavor)];
    s.open.insert(e.context);
    s.since[sim::index_of(e.context)] = now();
    s.party[sim::index_of(e.context)] = {
        .context = e.context, .cpu = e.cpu, .op = e.op, .step = e.step, .site = e.site};
  }
  void end(const sim::Event& e) { flavors_[static_cast<unsigned>(e.flavor)].open.erase(e.context); }

  // A reader of the flavour that is inside and began before the moment; null: none.
  const sim::Party* older_reader(kernel::RcuFlavor flavor, Moment moment) const {
    const State& s = flavors_[static_cast<unsigned>(flavor)];
    for (const sim::ContextId reader : s.open) {
      if (s.since[sim::index_of(reader)] < moment) return &s.party[sim::index_of(reader)];
    }
    return nullptr;
  }

  // Has the context been inside a section since this step of its?
  bool is_inside_since(const sim::Party& party) const {
    for (const State& s : flavors_) {
      if (s.open.contains(party.context) && s.party[sim::index_of(party.context)].step <= party.step) return true;
    }
    return false;
  }

  void reset() {
    clock_ = 0;
    for (State& s : flavors_) s.open = {};
  }

 private:
  struct State {
    sim::ContextSet open;
    Moment since[sim::context_count] = {};
    sim::Party party[sim::context_count];
  };
  Moment clock_ = 0;
  State flavors_[kernel::rcu_flavor_count];
};

}  // namespace rcufarm::oracle
