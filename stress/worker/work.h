// What a kind of worker makes of its program: the command, what its output means, and what it brought.
//
// Job: one interface, so that the supervisor treats all kinds alike. A Work serves one stint of one slot and has one thread.
// It starts no process itself; it may read and write its own folder and the corpus.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/record.h"
#include "session/child.h"
#include "stress/config/config.h"
#include "stress/store/proof.h"
#include "stress/worker/lane.h"
#include "stress/worker/verdict.h"

namespace rcufarm::stress {

// What a stint is about. It is written into the stint's folder before anything starts: who finds it there later can go on.
struct Stint {
  std::string id;  // names the folder and the stint's events
  Lane lane = Lane::explore;
  std::uint64_t seed = 0;
  std::string detail;                    // the strategy, the canary's program, the regression's file, AFL++'s instance
  std::string model = "sc";              // an explorer's memory model
  std::optional<ClaimedPart> part = {};  // of a proof
};

// AFL++'s first instance on a target; "" means it, too. Others are "second-1", "second-2", …
inline constexpr const char* afl_main = "main";

struct WorkPlaces {
  std::filesystem::path folder;  // the stint's own
  std::filesystem::path state;   // the farm's

  std::filesystem::path record() const { return folder / "record.json"; }  // what the worker hands over
};

// Something wrong that a worker met, with bytes and not yet in the store.
struct Catch {
  std::string event;                       // "": made of the stint and the signature
  oracle::Kind kind = oracle::Kind::none;  // none: a replay tells
  std::string signature;
  std::optional<std::string> input;  // none: not known; an empty one is one
  std::string report;
  std::uint64_t seen = 1;
  std::optional<harness::Leak> leak{};
};
// Of what a worker has found.
Catch catch_of(const harness::Finding& finding, std::optional<std::string> input, std::string report);

struct AllocatorFigures;

// What a stint has brought since it was asked last.
struct Harvest {
  std::uint64_t executions = 0;
  std::uint64_t schedules = 0;         // of Stint::detail's strategy
  std::uint64_t reads_from_pairs = 0;  // a level, not an addition; so are those below
  std::uint64_t edges = 0;
  std::uint64_t edges_all = 0;
  double stability = -1;  // of AFL++; < 0: not told
  std::vector<Catch> catches;
  bool canary_found = false;
  double canary_seconds = 0;
  std::optional<GainEntry> gain = {};  // of a part of a proof
  std::string trouble;                 // for people, when it ended badly
};

class Work {
 public:
  virtual ~Work() = default;

  // Prepares the folder and gives the command.
  virtual session::Command command() = 0;
  virtual std::chrono::seconds duration() const = 0;
  virtual void line(std::string_view text) = 0;
  // While it runs, about once a second.
  virtual void tick(Harvest& harvest) = 0;
  // Once it has ended, or was killed: what is left to take in.
  virtual Ended settle(int status, Harvest& harvest) = 0;
  // Inputs to be run again when the worker was killed: the one that ran, and failing ones that nobody has taken in.
  virtual std::vector<std::string> inputs_left() const { return {}; }
  // Shared memory with the allocator's figures; "" if there is none.
  virtual std::filesystem::path page() const { return {}; }
};

std::unique_ptr<Work> make_work(const Stint& stint, const WorkPlaces& places, const Config& config);

// AFL++'s own folders on a target.
std::filesystem::path afl_folder(const std::filesystem::path& state, const std::string& target);
// The program that replays an input of `program`: beside it, with fuzz_ or stress_ in its name replaced by replay_.
std::filesystem::path replay_beside(const std::filesystem::path& program);

std::string read_bytes(const std::filesystem::path& file);
// The last `bytes_max` bytes.
std::string tail_of(std::string_view text, std::size_t bytes_max);

}  // namespace rcufarm::stress
