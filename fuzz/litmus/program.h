// A litmus test, parsed: what the explorer runs and what people ask of it.
//
// Job: the one interface between the language (parse.h), the search over executions (explore.h) and the answer (observe.h).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "litmus/event.h"

namespace rcufarm::litmus {

// A state at the end of an execution: registers of each thread, and the last value of each location.
struct State {
  std::vector<std::vector<Value>> registers;
  std::vector<Value> locations;
  friend auto operator<=>(const State&, const State&) = default;
};

class Program {
 public:
  virtual ~Program() = default;
  virtual unsigned threads() const = 0;
  virtual unsigned locations() const = 0;
  virtual const std::string& name_of(Location location) const = 0;
  virtual Value initial(Location location) const = 0;
  // A spinlock's value is 0 while it is free; a lock reads 0 only.
  virtual ThreadTrace run(unsigned thread, std::span<const Value> reads) const = 0;
  // Numbers that its text has, for a search that asks what a read could return (buffering.h).
  virtual std::vector<Value> constants() const { return {}; }
  // Does the test's `filter` let this execution count? True without one.
  virtual bool counts(const State& state) const = 0;
};

}  // namespace rcufarm::litmus
