// A finding of the simulator: what was wrong, and everything that is needed to see it again.
//
// Job: the value that explore, minimise, replay, the diagram and the store share, and its file. Owned by whoever holds
// it; holds no pointer into a machine, so that it outlives it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/sim/sim_config.h"
#include "machine/engine/context_id.h"
#include "machine/engine/events.h"
#include "machine/engine/schedule.h"
#include "oracle/kind.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

// A step that had a part in it, with strings of its own.
struct FindingParty {
  std::string role;  // "freed", "accessed", "queued", …
  sim::ContextId context = sim::idle_context;
  std::uint8_t cpu = sim::no_cpu;
  sim::Op op = sim::Op::none;
  std::uint64_t step = 0;  // scheduling points passed since the run began
  std::string function;    // "" if the machine does not know any more
  std::string file;
  std::uint32_t line = 0;
};

struct SimFinding {
  // What is saved, and enough to replay.
  oracle::Kind kind = oracle::Kind::none;
  std::string signature;         // kind and names: stable over addresses, compilers and minimisation
  std::string former_signature;  // what it was before signatures told causes; of a replay alone
  scenario::Scenario scenario;
  SimConfig config;
  sim::Schedule schedule;

  // What each replay gives anew.
  std::string detail;                 // a line or two for people
  std::string reason;                 // what exactly was wrong: "a null pointer"; "" if the kind says all
  std::vector<FindingParty> parties;  // in the order in which they happened
  std::uint32_t object = 0;           // serial number of the accused allocation, as in sim::Event; 0: none
  std::uint32_t offset = 0;           // of the accused word in it
  sim::ViolationKind violation = sim::ViolationKind::none;  // of the machine's; none: an oracle's own
  std::uint64_t address = 0;                                // that it was at, of this process
  std::uint64_t points = 0;                                 // of the run
  std::uint64_t switches = 0;                               // of the running context
  std::optional<std::uint64_t> switches_of_destroy;  // of those, since the last destroy began; none: nobody destroyed
  std::uint64_t digest = 0;                          // of the run's events

  explicit operator bool() const { return kind != oracle::Kind::none; }
};

// The file: one text, version 1.
//
//   finding v1
//   kind leak
//   signature leak: slab_alloc
//   config points 200000 failures 0 settle no inspect no order yes model sc
//   schedule
//   <as sim::to_text>
//   scenario v1
//   <as scenario::print, to the end>
//
// Lines that begin with # are comments. detail and parties are written as comments.
//
// Versions: the number changes when a file of the old one would be read wrongly, and version 1 never was. What was added since stands in
// the config line as a pair of its own, with a default that means what there was before: without `inspect` nobody looks, and
// without `model` the run is sequentially consistent and its schedule has no read_store and no place_store. A program from before
// refuses what it does not know, by name, and so does this one.
std::string to_text(const SimFinding& finding);
// The finding (without what a replay gives), or what is wrong with the text, where, and what to do.
std::variant<SimFinding, std::string> sim_finding_from_text(std::string_view text);

}  // namespace rcufarm::harness
