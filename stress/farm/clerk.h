// The clerk: the only thread of a farm that writes to the store.
//
// Job: deliver the journal, claim work, keep the farm's place among others, and read what pages and metrics show. The supervisor writes
// into the journal and reads what came last: no call of its waits for the store. A store that is away is tried again, with
// pauses; nothing else stops meanwhile. Owns its connection and its thread; all its functions may be called by any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "stress/farm/corpus_share.h"
#include "stress/store/journal.h"
#include "stress/store/store.h"

namespace rcufarm::stress {

// The store as it was read last.
struct StoreView {
  std::vector<Finding> newest;  // a page of them
  std::vector<BugCount> bugs;
  std::uint64_t findings = 0;
  std::uint64_t waiting = 0;  // sightings that are not examined yet
  std::map<CounterKey, std::uint64_t> counters;
  std::map<std::string, std::string> notes;
  std::vector<Curve> coverage;
  std::vector<FarmSeen> farms;
  std::vector<Change> changes;  // the newest
  std::vector<ChangeCount> change_counts;
  std::vector<Proof> proofs;
};

// A finding of a watched branch that is still there.
struct OpenFinding {
  Blame blame;
  std::string signature;
  std::string input;
};

// A change that this farm has claimed, or a branch that it is to look at.
struct ClaimedChange {
  std::optional<Change> change = {};
  std::string content = {};            // of a patch
  std::vector<Change> branch = {};     // its commits up to this one and for the same target, the newest first
  std::vector<OpenFinding> open = {};  // of that branch
  std::string look = {};               // a watch's name: whose new commits are asked for
  std::string since = {};              // the newest that is known, of the watch's target
  std::int64_t place = 0;              // of the newest, whatever it is for
};

// Work that this farm has claimed: a sighting, or a finding on a new build.
struct ClaimedWork {
  Sighting sighting;  // without a key: it is a recheck
  std::optional<Finding> recheck = {};
  std::string build = {};
  std::optional<std::string> input = {};
  std::string report = {};
};

class Clerk {
 public:
  using Clock = std::chrono::steady_clock;

  struct Place {
    StorePlace store;
    std::string instance;  // this farm's for good
  };
  // Opens the store and reads it once. Throws StoreError if it cannot be used as it is told; one that is away is tried later, if this
  // farm has met it before.
  Clerk(Place place, Journal& journal, CorpusShare& corpora);
  // Delivers what can be delivered in a few seconds, and gives claims back.
  ~Clerk();
  Clerk(const Clerk&) = delete;
  Clerk& operator=(const Clerk&) = delete;

  // Durable when it returns. Throws StoreError if the journal does not take it.
  void write(const std::vector<Entry>& entries);
  // Throws as write() would with as much as a finding brings.
  void try_journal() { journal_.try_to_append(); }
  // The level of each series, of which a sample is kept each minute.
  void keep_samples(std::map<std::string, double> levels);

  // Asks for the next work; `builds` are the programs that run here, by name. It comes later, once.
  void want_work(std::vector<std::pair<std::string, std::string>> builds);
  std::optional<ClaimedWork> take_work();

  // The same for changes of these kinds, the first kinds first, and looks at watched branches that are due.
  void want_change(std::vector<ChangeKind> kinds, std::vector<ChangeKind> due);
  std::optional<ClaimedChange> take_change();

  // What this farm watches: what waits for a watch that no farm has any more is dropped.
  void keep_watches(std::vector<std::string> names);

  // The same for a part of a proof, which is this farm's for so long.
  void want_part(ProofAsk ask, std::chrono::milliseconds duration);
  std::optional<ClaimedPart> take_part();

  std::shared_ptr<const StoreView> view() const;
  // Reads anew as soon as it can, and waits for that so long at most.
  void refresh(std::chrono::milliseconds time_max);
  // "": the store takes what it is given.
  std::string trouble() const;
  std::uint64_t owed() const { return journal_.entries(); }
  std::uint64_t refused() const { return journal_.refused_entries(); }
  // One farm of a store leads at a time: it shows what is of all of them, and merges corpora.
  bool leads() const;

 private:
  void open();
  void work();
  bool step();
  bool deliver_some();
  void take_place();
  void keep_watches();
  void read();
  void find_work();
  void find_change();
  void find_part();
  ClaimedChange with_branch(Change change);
  std::chrono::milliseconds read_interval(const StoreView& view) const;
  void fail(const std::string& why);
  ClaimedWork with_bytes(ClaimedWork work);

  const Place place_;
  Journal& journal_;
  CorpusShare& corpora_;
  std::unique_ptr<Store> store_;  // of the clerk's thread; set under the mutex
  bool attended_ = false;
  Clock::time_point next_place_{};
  Clock::time_point next_read_{};
  Clock::time_point next_curves_{};
  Clock::time_point next_recheck_{};
  std::vector<std::pair<std::string, std::string>> rechecked_;  // builds of which nothing was left to check
  bool may_wait_ = true;                                        // sightings, as far as this farm knows
  Clock::time_point next_prune_ = Clock::now() + std::chrono::hours(1);
  std::chrono::milliseconds pause_{0};  // after a failure; doubled
  std::optional<std::vector<std::string>> watches_told_;

  mutable std::mutex mutex_;  // for what follows
  std::condition_variable changed_;
  bool stop_ = false;
  bool over_ = false;  // the thread's work
  bool read_asked_ = false;
  std::uint64_t reads_ = 0;
  std::string trouble_;
  Clock::time_point leads_until_{};
  std::map<std::string, double> levels_;
  std::optional<std::vector<std::pair<std::string, std::string>>> wanted_;
  std::optional<ClaimedWork> claimed_;
  std::optional<std::pair<std::vector<ChangeKind>, std::vector<ChangeKind>>> wanted_change_;
  std::optional<ClaimedChange> claimed_change_;
  std::optional<std::vector<std::string>> watches_;  // none: nobody has said it yet
  std::optional<std::pair<ProofAsk, std::chrono::milliseconds>> wanted_part_;
  std::optional<ClaimedPart> claimed_part_;
  std::shared_ptr<const StoreView> view_ = std::make_shared<const StoreView>();
  std::thread thread_;
};

}  // namespace rcufarm::stress
