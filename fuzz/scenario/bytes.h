// The byte form of a scenario: what fuzz engines mutate and corpora keep.
//
// Job: bytes -> scenario -> bytes without loss. README.md beside this file has the layout. No state; any thread.
//
// There are two ways in. `decode` is for fuzz targets and replay: no byte string is refused. `decode_saved` is for tools
// that read a file which is meant to be a saved scenario: it refuses a format that it doesn't know. Both read the same
// layout, whose first byte names the format version; `decode` takes a version that it doesn't know for the newest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "scenario/scenario.h"

namespace rcufarm::scenario {

inline constexpr std::uint8_t format_version = 1;  // the newest, which `encode` writes
inline constexpr std::size_t header_bytes = 56;
inline constexpr std::size_t record_bytes = 4;
inline constexpr std::uint8_t end_opcode = 0xff;  // the record after the last operation
inline constexpr std::size_t encoded_bytes_max = header_bytes + record_bytes * (limits.ops_max + 1);

struct Decoded {
  Scenario scenario;
  std::size_t consumed = 0;  // bytes; what follows is not the scenario's (a schedule, say)
};

struct DecodeError {
  enum class Kind : std::uint8_t { empty, unknown_version };
  Kind kind;
  std::uint8_t version;  // what was found, if not empty

  std::string message() const;
};

// Never fails; bytes that are missing count as 0. The scenario is valid. Returns the bytes consumed. The storage inside
// `scenario` is used again, so that a loop over inputs settles to no allocation.
std::size_t decode_into(std::span<const std::byte> bytes, Scenario& scenario);
Decoded decode(std::span<const std::byte> bytes);

// For tools: the same, or why the bytes are not a saved scenario.
std::variant<Decoded, DecodeError> decode_saved(std::span<const std::byte> bytes);

// Of a valid scenario. decode(encode(s)) gives s back and consumes every byte; the end record delimits it.
std::size_t encoded_bytes(const Scenario& scenario);
std::vector<std::byte> encode(const Scenario& scenario);
void encode_append(const Scenario& scenario, std::vector<std::byte>& out);

}  // namespace rcufarm::scenario
