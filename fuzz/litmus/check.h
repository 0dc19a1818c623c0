// One litmus test, from its text to what is to be said of it.
//
// Job: read it, run all its executions under a model, and compare with what the test says of itself (`Result:`). Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "litmus/explore.h"
#include "litmus/interpret.h"
#include "litmus/model.h"
#include "litmus/observe.h"
#include "litmus/parse.h"

namespace rcufarm::litmus {

enum class Verdict : std::uint8_t {
  unjudged,  // the test does not say what it expects
  agrees,
  stronger,  // what the test expects to see is not reached, and `why` says why that is no mistake
  weaker,    // c11 allows what the test, which speaks of the kernel's model, does not expect
  disagrees,
  unsupported,  // `why` names the construct
  malformed,    // it is no litmus test
  too_large,    // a limit was reached: nothing is known
};
std::string_view name_of(Verdict verdict);

struct Checked {
  Verdict verdict = Verdict::unjudged;
  std::string why;
  unsigned line = 0;  // of what is unsupported or malformed
  const Model* model = nullptr;
  std::string expected;                          // "Never DATARACE"; "" if the test does not say
  std::shared_ptr<const LitmusProgram> program;  // if it could be read
  std::optional<Observation> observation;        // if it could be run
  std::optional<Execution> witness;   // an execution in which the condition holds; of forall: in which it does not
  bool needs_load_buffering = false;  // and that is what `witness` does
  std::uint64_t graphs = 0;
};

// Null: the model that the test's primitives are of, `kernel` or `c11`.
Checked check(std::string_view text, const std::string& file, const Model* model, const ExploreLimits& limits = {});

}  // namespace rcufarm::litmus
