// What a test's executions say of its condition, as herd7 tells it.
//
// Job: from final states and how often each was reached to the lines that people and scripts know: `Test NAME Allowed`,
// `States N`, …, `Observation NAME Sometimes 1 3`. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "litmus/ast.h"
#include "litmus/program.h"

namespace rcufarm::litmus {

struct Observation {
  std::string test;
  std::string kind;                 // Allowed, Forbidden, Required: exists, ~exists, forall
  std::vector<std::string> states;  // of what the condition and `locations` name, each once: "0:r1=1; [x]=2;"
  bool ok = false;                  // the condition, with its quantifier, holds
  bool looped = false;              // executions were lost that go through a loop more often than it is unrolled
  std::uint64_t matching = 0;       // executions in which the condition holds
  std::uint64_t others = 0;
  std::vector<std::string_view> flags;
  std::string condition;  // "exists (0:r1=1 /\ [x]=2)"

  std::string_view word() const;  // Never, Sometimes, Always
};

Observation observe(const LitmusTest& test, const std::map<State, std::uint64_t>& states,
                    std::vector<std::string_view> flags, bool looped);

// Ends with a newline.
std::string to_text(const Observation& observation);

// "1", "x", "x+4".
std::string text_of(Value value, const LitmusTest& test);

}  // namespace rcufarm::litmus
