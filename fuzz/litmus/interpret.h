// A litmus test as a Program.
//
// Job: run a thread on the values that its reads return, and say which of its reads each event depends on, as herd7 7.57 does:
// through registers, never through memory; a control dependency ends with the body of its `if`; what is assigned in a body
// carries the dependency to a later `if` on it. Immutable but for the notes of what could not be run.
#pragma once

#include <memory>
#include <string>

#include "litmus/ast.h"
#include "litmus/program.h"

namespace rcufarm::litmus {

class LitmusProgram final : public Program {
 public:
  explicit LitmusProgram(LitmusTest test) : test_(std::move(test)) {}

  unsigned threads() const override { return static_cast<unsigned>(test_.threads.size()); }
  unsigned locations() const override { return static_cast<unsigned>(test_.locations.size()); }
  const std::string& name_of(Location location) const override { return test_.locations[location].name; }
  Value initial(Location location) const override { return test_.locations[location].initial; }
  ThreadTrace run(unsigned thread, std::span<const Value> reads) const override;
  std::vector<Value> constants() const override;
  bool counts(const State& state) const override;

  const LitmusTest& test() const { return test_; }
  // What a thread did, on some values, that has no meaning: "12: `/` by 0". The verdict is void then. Empty: nothing.
  const std::string& senseless() const { return senseless_; }
  // A loop would have gone on, on some values.
  bool met_loop_bound() const { return met_loop_bound_; }

 private:
  const LitmusTest test_;
  mutable std::string senseless_;
  mutable bool met_loop_bound_ = false;
};

Value value_at(const Place& place, const State& state);
bool holds(const Prop& prop, const State& state);

}  // namespace rcufarm::litmus
