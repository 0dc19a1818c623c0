// The byte form of a finding: compact, and without loss.
//
// Job: finding -> bytes -> finding. Layout, version 1: "rcF" 1, then four pieces (kind, signature, config: text;
// schedule: its own bytes), each behind its length (four bytes, little-endian), then the scenario's bytes up to the
// end. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "harness/sim/sim_finding.h"

namespace rcufarm::cli {

std::vector<std::byte> finding_to_bytes(const harness::SimFinding& finding);
bool looks_like_finding_bytes(std::span<const std::byte> bytes);
// The finding, or what is wrong with the bytes.
std::variant<harness::SimFinding, std::string> finding_from_bytes(std::span<const std::byte> bytes);

}  // namespace rcufarm::cli
