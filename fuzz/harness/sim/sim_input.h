// What a fuzz engine's input means on the simulator: a scenario, a schedule, and what else a run depends on.
//
// Job: bytes -> input -> bytes. The scenario stands at the front and delimits itself. The rest is read from the end: the
// last byte is the config, the one before it the walk, before that stands the first departure, before that the second,
// and so on: what is put into the scenario moves none of them. No byte string is refused; the empty one is the plainest run. No state;
// any thread.
//
// Memory models came later, and old corpora mean what they meant: of the config's two-bit fields only "no bit" and "all bits" had been
// written, by encode_input, by the mutators, which are all that engines change an input with, and so in all that they kept.
// What was never written says the model: one of the two bits of `config_unordered`. There is room for two, and tso is none of
// them, since the kernel's model allows what it allows; a finding is told with the strongest that shows it (strongest.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/sim/sim_config.h"
#include "machine/engine/departures.h"
#include "scenario/bytes.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

inline constexpr std::size_t departures_max = 1024;  // of an input; bytes for more are not looked at
inline constexpr std::size_t encoded_bytes_max =
    scenario::encoded_bytes_max + departures_max * sim::departure_bytes + 2;

struct SimInput {
  scenario::Scenario scenario;
  std::vector<sim::Departure> departures;
  // 0: order is checked under sequential consistency, no allocation fails by the schedule's choice, nobody looks at the end. One
  // field of bits for each, which departs from that when all its bits are set.
  std::uint8_t config = 0;
  std::uint8_t walk = 0;  // as in BytesStrategy: which random walk follows the last preemption; 0: none

  bool operator==(const SimInput&) const = default;
};
inline constexpr std::uint8_t config_unordered = 0x03;  // missing order is not accused
// In the same field, and it is not accused there either: what comes of it is acted out.
inline constexpr std::uint8_t config_kernel = 0x01;
inline constexpr std::uint8_t config_c11 = 0x02;
inline constexpr std::uint8_t config_failures = 0x0c;  // departures of the kind `fail` count
inline constexpr std::uint8_t config_inspects = 0x30;  // SimConfig::inspect
inline constexpr std::uint8_t config_settles = 0xc0;   // SimConfig::settle

// Storage inside `input` is used again, so that a loop over inputs settles to no allocation.
void decode_input(std::span<const std::byte> bytes, SimInput& input);

// Of a valid scenario. decode_input(encode_input(i)) gives i back.
std::size_t encoded_bytes(const SimInput& input);
std::vector<std::byte> encode_input(const SimInput& input);

// Its config byte's meaning, and a limit of points that no program of its length reaches unless it goes on for ever.
SimConfig config_of(const SimInput& input);
// The config byte of a config: all that it says but its numbers, with kernel for tso.
std::uint8_t config_byte_of(const SimConfig& config);

}  // namespace rcufarm::harness
