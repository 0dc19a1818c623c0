// Proving: every execution of one scenario, one of each class (machine/search/strategy_dpor.h).
//
// Job: the loop, until all are run, one is wrong, or the time is up. One thread; of a shared proof, one of its explorers. Without a
// limit of time the same scenario and config give the same figures, however many share the work.
#pragma once

#include <cstdint>
#include <functional>

#include "harness/sim/proof_part.h"
#include "harness/sim/shared_proof.h"
#include "harness/sim/sim_finding.h"
#include "harness/sim/sim_runner.h"
#include "machine/search/strategy_dpor.h"
#include "scenario/language.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

struct ProveFigures {
  sim::DporFigures search;
  std::uint64_t limited = 0;  // executions that a limit of the simulator ended: then nothing is proven
  double estimate = 0;        // executions in all, by what is left
  double seconds = 0;
  bool complete = false;  // all were run
};

struct ProveOptions {
  double seconds_max = 0;  // 0: no limit
  // Called about every progress_seconds; false: stop. May be empty.
  std::function<bool(const ProveFigures&)> progress;
  double progress_seconds = 0.5;
};

struct ProveResult {
  ProveFigures figures;
  SimFinding finding;  // kind none: nothing found
};

ProveResult prove(SimRunner& runner, const scenario::Scenario& scenario, const SimConfig& config,
                  const ProveOptions& options);

// Explores what nobody else does, claim by claim, until the proof is over for all or for this explorer. "", or why it cannot.
std::string explore_shared_proof(SimRunner& runner, const SharedProofFile& file, const ProveOptions& options);
ProveFigures figures_of(const SharedProof& proof);

struct PartOptions {
  double seconds_max = 0;                        // 0: no limit
  std::function<bool()> goes_on;                 // asked now and then; false: stop. May be empty
  std::function<void(const SimFinding&)> found;  // before the gain that counts it is saved
  // What came of it so far, about every save_seconds and at the end: each time all of it.
  std::function<void(const ProofGain&)> save;
  double save_seconds = 1;
};
// `config`: of a row's programs. False: the program does something else than its part says, so another build explored it before; the
// gain that was saved last, if there is one, is worth nothing then.
bool explore_part(SimRunner& runner, const scenario::Language& language, const ProofPart& part, const SimConfig& config,
                  const PartOptions& options);

}  // namespace rcufarm::harness
