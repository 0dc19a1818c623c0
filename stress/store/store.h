// The store: what the farm must not lose.
//
// Job: the interface. Writes are durable when they return and idempotent: each is keyed by content, and doing it twice does
// it once. Every row names its node; times are the store's own; no number of the database's leaves it. Implementations
// throw StoreError when they cannot keep their word. Safe to be called from several threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stress/store/blobs.h"
#include "stress/store/change.h"
#include "stress/store/error.h"
#include "stress/store/proof.h"

namespace rcufarm::stress {

// A worker met something wrong.
struct Sighting {
  std::string key;        // of the event: the same event reported again is the same sighting
  std::string engine;     // "simulator", "libfuzzer", "afl", "stress"
  std::string program;    // its name in the config's [programs]
  std::string build;      // hash of that program
  std::string kind;       // "" until it is replayed
  std::string signature;  // "" until it is replayed
  std::string input;      // blob
  std::string report;     // blob; "": none
  std::uint64_t seen = 1;
};

enum class FindingState : std::uint8_t { open, fixed, reopened };
const char* name_of(FindingState state);
std::optional<FindingState> finding_state_named(std::string_view name);

struct Finding {
  std::string key;  // of its signature
  std::string node;
  std::string kind;
  std::string signature;
  std::string engine;
  std::string program;
  std::string build;  // of the program that found it first
  std::string input;  // blobs; "": none
  std::string report;
  std::string diagram;
  std::string diagram_svg;
  std::string reproduce;  // a command line, from the tree's folder; {file} stands for file_name()
  std::uint64_t replays = 0;
  std::uint64_t reproduced = 0;
  FindingState state = FindingState::open;
  std::string checked_build;  // the newest that it was replayed on
  // Over all nodes.
  Milliseconds first_seen = 0;
  Milliseconds last_seen = 0;
  std::uint64_t count = 0;
  // Somebody has seen it, and says what is done about it. 0: nobody has.
  Milliseconds acknowledged = 0;
  std::string note;
};
std::string finding_key(std::string_view signature);
// What its input is called wherever it is a file: "0123456789ab.finding".
std::string file_name(const Finding& finding);
// The command that replays that file, for a tree in `root`; with "" as somebody in the tree's folder types it.
std::string replay_command(const Finding& finding, const std::string& root);

// Of one finding on one node.
struct Tally {
  std::string node;
  std::uint64_t count = 0;
  Milliseconds first_seen = 0;
  Milliseconds last_seen = 0;
};

struct Sample {
  Milliseconds at = 0;
  double value = 0;
};

// A curve over time.
struct Curve {
  std::string name;
  std::vector<Sample> samples;
};

enum class Reported : std::uint8_t {
  repeated,  // this event was known
  counted,   // another one of a known finding
  queued,    // to be claimed, replayed and settled
};

// Names are those of metrics without their prefix, labels as "kind=leak,novelty=new".
struct CounterKey {
  std::string name;
  std::string labels;
  auto operator<=>(const CounterKey&) const = default;
};

// Of the findings of one kind in one state.
struct BugCount {
  std::string kind;
  FindingState state = FindingState::open;
  std::uint64_t all = 0;
  std::uint64_t unacknowledged = 0;
};

// Which findings, the last seen first.
struct Listing {
  std::string text = "";                   // a part of the signature, in any case; "": all
  std::string kind = "";                   // "": all
  std::string state = "";                  // "open", "fixed", "reopened"; "": all
  std::vector<std::string> programs = {};  // none: of all
  std::size_t skip = 0;
  std::size_t count_max = 0;  // 0: all
};

// An input that farms share.
struct SharedInput {
  std::string hash;
  std::uint64_t bytes = 0;
  Milliseconds at = 0;
};

// Somebody who works with this store.
struct FarmSeen {
  std::string node;
  Milliseconds ago = 0;  // since it was heard of
};

class Store {
 public:
  virtual ~Store() = default;

  // ---- findings ----
  virtual Reported report(const Sighting& sighting) = 0;
  // One that nobody has claimed, or whose claim has run out.
  virtual std::optional<Sighting> claim(const std::string& owner, Milliseconds duration) = 0;
  // Of sightings and of any other work.
  virtual void release_claims(const std::string& owner) = 0;
  // What replay made of a claimed sighting. True: the finding is new.
  virtual bool settle(const Sighting& sighting, const Finding& finding) = 0;
  // Replay showed nothing, and nobody had said that there was something.
  virtual void dismiss(const Sighting& sighting) = 0;
  // A finding of `program` that nobody has checked on `build` or checks now; it is claimed.
  virtual std::optional<Finding> claim_recheck(const std::string& program, const std::string& build,
                                               const std::string& owner, Milliseconds duration) = 0;
  // What replay on another build gave.
  virtual void checked(const std::string& finding, const std::string& build, std::uint64_t tries,
                       std::uint64_t hits) = 0;
  // Somebody has seen it. Seen again after it was fixed, it is nobody's again.
  virtual void acknowledge(const std::string& finding, const std::string& note) = 0;
  // Takes in a finding of another store; done twice it is done once.
  virtual void merge(const Finding& finding, const std::vector<Tally>& tallies) = 0;

  virtual std::vector<Finding> findings(const Listing& listing) = 0;
  std::vector<Finding> findings() { return findings(Listing{}); }
  virtual std::vector<BugCount> bugs() = 0;
  virtual std::optional<Finding> finding(const std::string& key_or_prefix) = 0;
  virtual std::vector<Tally> tallies(const std::string& finding) = 0;
  virtual std::uint64_t waiting() = 0;  // sightings that are not settled

  // ---- who does what ----
  // True: `owner` has the work for so long from now; it is extended if it had it. False: another one has.
  virtual bool hold(const std::string& work, const std::string& owner, Milliseconds duration) = 0;
  // This farm is there; `instance` is its own for good. Throws StoreError if another one has had this node's name lately.
  virtual void attend(const std::string& instance) = 0;
  virtual std::vector<FarmSeen> farms() = 0;

  // ---- changes: patches that were posted, and commits ----
  // False: it is known.
  virtual bool submit(const Change& change) = 0;
  // The next that one of `kinds` has, in their order; of a branch its oldest alone, so that each is held against the one before.
  virtual std::optional<Change> claim_change(const std::vector<ChangeKind>& kinds, const std::string& owner,
                                             Milliseconds duration) = 0;
  // False: somebody else has ended it.
  virtual bool end_change(const std::string& key, const ChangeEnd& end) = 0;
  // The newest first; of one branch, or of all.
  virtual std::vector<Change> changes(const std::optional<std::string>& source, std::size_t skip,
                                      std::size_t count_max) = 0;
  virtual std::vector<ChangeCount> change_counts() = 0;
  virtual std::optional<Change> change(const std::string& key_or_prefix) = 0;
  // What this farm watches, from now on.
  virtual void set_watches(const std::vector<std::string>& names) = 0;
  // Commits that wait for a watch which no farm has any more are dropped: how many. A farm that is not heard of has its watches until
  // it is forgotten (farms()); where one has never said what it watches, nothing is dropped.
  virtual std::uint64_t drop_unwatched() = 0;
  // Which commit brought it, and which one took it away; nothing: it is of no branch.
  virtual std::optional<Blame> blame(const std::string& finding) = 0;
  // Of a branch's findings those that no commit has cured yet.
  virtual std::vector<Blame> open_blames(const std::string& source) = 0;

  // ---- proofs ----
  // The next part that nobody has; of the first model that has one. A proof that nobody has begun begins.
  virtual std::optional<ClaimedPart> claim_part(const ProofAsk& ask, const std::string& owner,
                                                Milliseconds duration) = 0;
  // What came of it, a harness::ProofGain as text. False: nothing was added, as somebody else has taken the part over.
  virtual bool take_gain(const PartName& part, const std::string& gain) = 0;
  // Of each program and model the one that was worked at last.
  virtual std::vector<Proof> proofs() = 0;

  // ---- notices ----
  // Findings that came into their state after notices were asked for first, and of which told() has not been said in it.
  virtual std::vector<Finding> untold(std::size_t count_max) = 0;
  virtual void told(const std::string& finding, FindingState state) = 0;

  // ---- corpora ----
  virtual void share_input(const std::string& target, const std::string& hash, std::uint64_t bytes) = 0;
  // Those that came at that time or later.
  virtual std::vector<SharedInput> shared_inputs(const std::string& target, Milliseconds since) = 0;
  // Drops those that came before `until` and are not in `kept`, which is sorted.
  virtual void keep_inputs(const std::string& target, const std::vector<std::string>& kept, Milliseconds until) = 0;

  // ---- counters and series ----
  // Adds `n` unless the event is known.
  virtual bool count_once(const std::string& event, const CounterKey& counter, std::uint64_t n) = 0;
  virtual std::map<CounterKey, std::uint64_t> counters() = 0;  // of this node
  virtual void add_sample(const std::string& series, double value) = 0;
  // From that time on; of many every n-th.
  virtual std::vector<Sample> samples(const std::string& series, Milliseconds since, std::size_t count_max) = 0;
  virtual void set_note(const std::string& name, const std::string& value) = 0;
  virtual std::string note(const std::string& name) = 0;
  virtual std::map<std::string, std::string> notes() = 0;  // of this node
  // Drops what only guards against repetition and is old, and old samples.
  virtual void prune() = 0;

  virtual Milliseconds now() = 0;
  virtual BlobStore& blobs() = 0;
  // Ends what waits for a server, with StoreAway. Any thread.
  virtual void interrupt() noexcept = 0;
  // "ok", or what is wrong with it.
  virtual std::string check() = 0;
};

// Where the findings are, and who asks.
struct StorePlace {
  std::filesystem::path state = {};  // the farm's folder
  std::string url = "";              // of PostgreSQL; "": SQLite in that folder
  std::string node;                  // the name in the rows that it writes
};
// Throws StoreError with what to do; StoreAway if the server does not answer.
std::unique_ptr<Store> open_store(const StorePlace& place);
// To read what is there, of a state folder that may not be written; whatever is written is lost.
std::unique_ptr<Store> open_sqlite_copy(const std::string& state, const std::string& node);

}  // namespace rcufarm::stress
