// A part of a proof: what one explorer is asked for, and what it brings back.
//
// Job: plain values and their text. A part is a row of small programs (small_programs.h), or the claim on a node of one program's
// frontier. Whoever hands parts out keeps the whole; an explorer sees nothing but its part, so it may be on any machine that
// runs the same build. What it brings back is right at every moment that it is written, so the last that was written counts
// when its explorer was killed. No state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/sim/shared_proof.h"

namespace rcufarm::harness {

// All small programs stand in one row, those of one operation first. A part of it: of the programs with so many operations those with
// these places in the row. It may reach behind the last of them.
struct ProgramRow {
  unsigned operations = 0;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

// Of one program.
struct FrontierPart {
  scenario::Scenario scenario;
  SimConfig config;
  sim::Frontier::Claim claim;
};

struct ProofPart {
  std::string build;  // of the program that is to explore it
  std::string model;  // by its name; a FrontierPart's is in its config
  std::variant<ProgramRow, FrontierPart> what;
};

std::string to_text(const ProofPart& part);
std::variant<ProofPart, std::string> proof_part_from_text(std::string_view text);

// What came of a row: of the programs from its first one on.
struct RowGain {
  std::vector<std::uint64_t> sizes;  // how many programs there are with 1, 2, … operations
  std::uint64_t proven = 0;
  std::uint64_t limited = 0;  // reached a limit of the simulator: nothing is proven
  std::uint64_t wrong = 0;
  std::uint64_t executions = 0;
  std::uint64_t blocked = 0;
  std::optional<SharedProof> begun = {};  // the program behind those

  std::uint64_t over() const { return proven + limited + wrong; }
};

// What came of a claim on a frontier.
struct FrontierGain {
  std::uint64_t node = 0;
  std::uint64_t number = 0;
  sim::DporRest rest;
  sim::DporFigures figures;
  std::uint64_t limited = 0;
  std::string finding;  // as text; "": none
};

struct ProofGain {
  double seconds = 0;
  std::variant<RowGain, FrontierGain> what;
};

std::string to_text(const ProofGain& gain);
std::variant<ProofGain, std::string> proof_gain_from_text(std::string_view text);

// The next part of a program's proof that nobody has at `now`, for whoever has it until then. Nothing: all is claimed, or it is over.
std::optional<FrontierPart> claim_part(SharedProof& proof, std::int64_t now, std::int64_t until);
// Adds what came of a part. False: somebody else has that part or had it, and nothing is added.
bool take_gain(SharedProof& proof, const FrontierGain& gain, double seconds);

}  // namespace rcufarm::harness
