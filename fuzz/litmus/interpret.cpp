#include "litmus/interpret.h"

#include <algorithm>

#include "litmus/runner.h"

namespace rcufarm::litmus {

ThreadTrace LitmusProgram::run(unsigned thread, std::span<const Value> reads) const {
  Runner runner(test_.threads[thread], thread, reads);
  ThreadTrace trace = runner.run();
  if (senseless_.empty()) senseless_ = runner.senseless();
  met_loop_bound_ = met_loop_bound_ || runner.met_loop_bound();
  return trace;
}

namespace {

void collect(const Expr& expr, std::vector<Value>& constants) {
  if (expr.kind == Expr::Kind::constant) constants.push_back(expr.value);
  for (const Expr& operand : expr.operands) collect(operand, constants);
}

void collect(const std::vector<Statement>& body, std::vector<Value>& constants) {
  for (const Statement& statement : body) {
    for (const Expr& expr : statement.exprs) collect(expr, constants);
    collect(statement.body, constants);
    collect(statement.otherwise, constants);
  }
}

}  // namespace

std::vector<Value> LitmusProgram::constants() const {
  std::vector<Value> constants;
  for (const Thread& thread : test_.threads) {
    collect(thread.body, constants);
    for (const Register& reg : thread.registers) constants.push_back(reg.initial);
  }
  std::sort(constants.begin(), constants.end());
  constants.erase(std::unique(constants.begin(), constants.end()), constants.end());
  return constants;
}

bool LitmusProgram::counts(const State& state) const { return !test_.filtered || holds(test_.filter, state); }

Value value_at(const Place& place, const State& state) {
  return place.is_register ? state.registers[place.thread][place.number] : state.locations[place.number];
}

bool holds(const Prop& prop, const State& state) {
  const auto each = [&](const Prop& part) { return holds(part, state); };
  switch (prop.kind) {
    case Prop::Kind::truth: return true;
    case Prop::Kind::falsehood: return false;
    case Prop::Kind::equals_value: return value_at(prop.left, state) == prop.value;
    case Prop::Kind::equals_place: return value_at(prop.left, state) == value_at(prop.right, state);
    case Prop::Kind::negation: return !each(prop.parts[0]);
    case Prop::Kind::conjunction: return std::all_of(prop.parts.begin(), prop.parts.end(), each);
    case Prop::Kind::disjunction: return std::any_of(prop.parts.begin(), prop.parts.end(), each);
    case Prop::Kind::implication: return !each(prop.parts[0]) || each(prop.parts[1]);
  }
  return false;
}

}  // namespace rcufarm::litmus
