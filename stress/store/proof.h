// Proofs that farms share: every small program of a build under a model, part by part.
//
// Job: plain values of the store, and the sentences that tell a proof. The programs stand in one row, those of one operation
// first (fuzz/harness/sim/proof_part.h). A part of it is claimed, explored and given back; a program that takes longer than that has a frontier,
// of which many explore parts at once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stress/store/change.h"

namespace rcufarm::stress {

// What is to be proven; each model in turn.
struct ProofAsk {
  std::string program;  // its name in the config's [programs]
  std::string build;
  std::vector<std::string> models;
  unsigned operations_max = 0;
};

struct PartName {
  std::string proof;
  std::uint64_t first = 0;   // its first program's place
  std::uint64_t number = 0;  // of the claim
};

struct ClaimedPart {
  PartName name;
  std::string build;
  std::string model;
  unsigned operations = 0;
  std::string text;  // a harness::ProofPart
};

// What came of it, for the journal.
struct GainEntry {
  PartName part;
  std::string gain;  // a harness::ProofGain
};

// The programs with so many operations.
struct ProofSize {
  unsigned operations = 0;
  std::uint64_t programs = 0;  // 0: not counted yet
  std::uint64_t proven = 0;
  std::uint64_t limited = 0;  // reached a limit of the simulator, or took their explorer with them time and again
  std::uint64_t wrong = 0;
  std::uint64_t begun = 0;       // not at their end
  std::uint64_t executions = 0;  // of those that are begun, too
  std::uint64_t blocked = 0;     // runs that came to where all was explored
  double seconds = 0;

  bool is_proven() const { return programs != 0 && proven == programs; }
};

struct Proof {
  std::string key;
  std::string program;
  std::string build;
  std::string model;
  Milliseconds began = 0;
  std::uint64_t at_work = 0;          // claims
  std::vector<ProofSize> sizes = {};  // from one operation on
};
std::string proof_key(std::string_view program, std::string_view build, std::string_view model);

// The sizes without a gap from the smallest on of which each program is proven.
unsigned proven_operations(const Proof& proof);
// "every program with at most 2 operations: 122 programs, 189 executions under sc, none fails", and how far the next size came. Plain text.
std::string sentence_of(const Proof& proof);

}  // namespace rcufarm::stress
