// The record: what a program that looks for mistakes hands to whoever started it.
//
// Job: findings and figures -> one JSON object in a file -> findings and figures. Writers are fuzz targets, stress, replay and
// the explorer; readers are the farm and the session. What these programs print is for people alone.
//
// The file, version 1; every key is there, and a reader passes over keys that it does not know:
//   {"record": 1,
//    "runs": 4096,              schedules, tries
//    "reads_from_pairs": 321,   distinct ones that a search reached; 0 for others
//    "findings": [              the first one first
//      {"kind": "leak",         a name of oracle/kind.h
//       "signature": "…", "detail": "…", "seen": 1, "seconds": 0.5, "file": "…", "diagram": "…",   as in finding.h
//       "leak": {"objects": 1, "bytes": 64, "list": "free_by_rcu"}}]}   or null
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harness/finding.h"

namespace rcufarm::harness {

struct RunRecord {
  std::uint64_t runs = 1;
  std::uint64_t reads_from_pairs = 0;
  std::vector<Finding> findings{};
};

std::string to_json(const RunRecord& record);
// The record, or what is wrong with the text and what to do.
std::variant<RunRecord, std::string> record_from_json(const std::string& text);

// The variable by which a program is told where its record goes.
inline constexpr const char* record_variable = "RCUFARM_RECORD";

// Writes it to the file that RCUFARM_RECORD names. Without that variable nothing happens; a file that cannot be written is
// complained of on stderr.
void hand_over(const RunRecord& record);
// Of one run: lines for people on stderr, and the record.
void tell(const std::vector<Finding>& findings);

struct Received {
  std::optional<RunRecord> record{};
  std::string trouble{};  // what was handed over is no record; "" if it is, or if nothing was

  const Finding* first() const { return record && !record->findings.empty() ? record->findings.data() : nullptr; }
};
// Reads what was handed over in that file, and removes it: the next program's is its own.
Received receive(const std::filesystem::path& file);

}  // namespace rcufarm::harness
