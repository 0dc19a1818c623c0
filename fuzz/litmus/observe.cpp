#include "litmus/observe.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "litmus/address.h"
#include "litmus/interpret.h"

namespace rcufarm::litmus {

namespace {

// "0:r1", "[x]".
std::string name_of(const Place& place, const LitmusTest& test) {
  if (place.is_register) {
    return fmt::format("{}:{}", place.thread, test.threads[place.thread].registers[place.number].name);
  }
  return fmt::format("[{}]", test.locations[place.number].name);
}

void add_places(const Prop& prop, std::set<Place>& places) {
  if (prop.kind == Prop::Kind::equals_value || prop.kind == Prop::Kind::equals_place) places.insert(prop.left);
  if (prop.kind == Prop::Kind::equals_place) places.insert(prop.right);
  for (const Prop& part : prop.parts) add_places(part, places);
}

// In the order that people see them in: by thread and name, locations last.
std::vector<Place> shown_places(const LitmusTest& test) {
  std::set<Place> places(test.shown.begin(), test.shown.end());
  add_places(test.condition, places);
  std::vector<Place> sorted(places.begin(), places.end());
  std::sort(sorted.begin(), sorted.end(), [&](const Place& a, const Place& b) {
    if (a.is_register != b.is_register) return a.is_register;
    if (a.thread != b.thread) return a.thread < b.thread;
    return name_of(a, test) < name_of(b, test);
  });
  return sorted;
}

enum class Above { nothing, conjunction, disjunction, implication };

// Parentheses as herd7 sets them: not where /\ stands in \/, nor where the same stands in the same.
std::string text_of(const Prop& prop, const LitmusTest& test, Above above) {
  const auto joined = [&](std::string_view sign, Above here) {
    std::string text;
    for (const Prop& part : prop.parts) {
      if (!text.empty()) text += sign;
      text += text_of(part, test, here);
    }
    const bool bare =
        above == Above::nothing || above == here || (above == Above::disjunction && here == Above::conjunction);
    return bare ? text : "(" + text + ")";
  };
  switch (prop.kind) {
    case Prop::Kind::truth: return "true";
    case Prop::Kind::falsehood: return "false";
    case Prop::Kind::equals_value: return name_of(prop.left, test) + "=" + text_of(prop.value, test);
    case Prop::Kind::equals_place: return name_of(prop.left, test) + "=" + name_of(prop.right, test);
    case Prop::Kind::negation: return "not (" + text_of(prop.parts[0], test, Above::nothing) + ")";
    case Prop::Kind::conjunction: return joined(" /\\ ", Above::conjunction);
    case Prop::Kind::disjunction: return joined(" \\/ ", Above::disjunction);
    case Prop::Kind::implication: return joined(" => ", Above::implication);
  }
  return "";
}

std::string_view name_of(Quantifier quantifier) {
  switch (quantifier) {
    case Quantifier::exists: return "exists";
    case Quantifier::not_exists: return "~exists";
    case Quantifier::forall: return "forall";
  }
  return "";
}

std::string_view kind_of(Quantifier quantifier) {
  switch (quantifier) {
    case Quantifier::exists: return "Allowed";
    case Quantifier::not_exists: return "Forbidden";
    case Quantifier::forall: return "Required";
  }
  return "";
}

bool is_ok(Quantifier quantifier, std::uint64_t matching, std::uint64_t others) {
  switch (quantifier) {
    case Quantifier::exists: return matching > 0;
    case Quantifier::not_exists: return matching == 0;
    case Quantifier::forall: return others == 0;
  }
  return false;
}

}  // namespace

std::string_view Observation::word() const { return matching == 0 ? "Never" : others == 0 ? "Always" : "Sometimes"; }

std::string text_of(Value value, const LitmusTest& test) {
  if (!is_address(value)) return fmt::format("{}", value);
  const Value offset = offset_of(value);
  const std::string& name = test.locations[nearest_location(value)].name;
  return offset == 0 ? name : fmt::format("{}{:+}", name, offset);
}

Observation observe(const LitmusTest& test, const std::map<State, std::uint64_t>& states,
                    std::vector<std::string_view> flags, bool looped) {
  Observation seen;
  seen.test = test.name;
  seen.kind = kind_of(test.quantifier);
  seen.flags = std::move(flags);
  seen.looped = looped;
  const std::vector<Place> places = shown_places(test);
  const auto value_less = [&](Value a, Value b) {
    return is_address(a) && is_address(b) ? text_of(a, test) < text_of(b, test) : a < b;
  };
  const auto less = [&](const std::vector<Value>& a, const std::vector<Value>& b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), value_less);
  };
  std::set<std::vector<Value>, decltype(less)> reduced(less);
  for (const auto& [state, count] : states) {
    (holds(test.condition, state) ? seen.matching : seen.others) += count;
    std::vector<Value> values;
    for (const Place& place : places) values.push_back(value_at(place, state));
    reduced.insert(std::move(values));
  }
  for (const std::vector<Value>& values : reduced) {
    std::string line;
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (i != 0) line += ' ';
      line += fmt::format("{}={};", name_of(places[i], test), text_of(values[i], test));
    }
    seen.states.push_back(std::move(line));
  }
  seen.ok = is_ok(test.quantifier, seen.matching, seen.others);
  seen.condition = fmt::format("{} ({})", name_of(test.quantifier), text_of(test.condition, test, Above::nothing));
  return seen;
}

std::string to_text(const Observation& seen) {
  std::string text = fmt::format("Test {} {}\nStates {}\n", seen.test, seen.kind, seen.states.size());
  for (const std::string& state : seen.states) text += state + "\n";
  text += fmt::format("{}{}\nWitnesses\n", seen.looped ? "Loop " : "", seen.ok ? "Ok" : "No");
  // A witness of ~exists is an execution in which the condition does not hold.
  const bool forbidden = seen.kind == "Forbidden";
  text += fmt::format("Positive: {} Negative: {}\n", forbidden ? seen.others : seen.matching,
                      forbidden ? seen.matching : seen.others);
  for (const std::string_view flag : seen.flags) text += fmt::format("Flag {}\n", flag);
  text += fmt::format("Condition {}\nObservation {} {} {} {}\n", seen.condition, seen.test, seen.word(), seen.matching,
                      seen.others);
  return text;
}

}  // namespace rcufarm::litmus
