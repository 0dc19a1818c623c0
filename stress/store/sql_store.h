// The store in SQL, on SQLite or PostgreSQL.
//
// Job: the Store interface. One mutex: calls from several threads follow each other; processes share by the database's locks. What a
// statement reads and then writes it takes so that two transactions that do the same at once end as if one came after the other:
// keys that conflict, conditions in the UPDATE, rows that are locked and skipped.
#pragma once

#include <mutex>
#include <utility>

#include "stress/store/sql.h"
#include "stress/store/store.h"

namespace rcufarm::stress {

class SqlStore : public Store {
 public:
  // Brings the schema up to date. Throws StoreError.
  SqlStore(std::unique_ptr<Sql> sql, std::unique_ptr<BlobStore> blobs, std::string node);

  Reported report(const Sighting& sighting) override;
  std::optional<Sighting> claim(const std::string& owner, Milliseconds duration) override;
  void release_claims(const std::string& owner) override;
  bool settle(const Sighting& sighting, const Finding& finding) override;
  void dismiss(const Sighting& sighting) override;
  std::optional<Finding> claim_recheck(const std::string& program, const std::string& build, const std::string& owner,
                                       Milliseconds duration) override;
  void checked(const std::string& finding, const std::string& build, std::uint64_t tries, std::uint64_t hits) override;
  void acknowledge(const std::string& finding, const std::string& note) override;
  void merge(const Finding& finding, const std::vector<Tally>& tallies) override;
  using Store::findings;
  std::vector<Finding> findings(const Listing& listing) override;
  std::vector<BugCount> bugs() override;
  std::optional<Finding> finding(const std::string& key_or_prefix) override;
  std::vector<Tally> tallies(const std::string& finding) override;
  std::uint64_t waiting() override;
  bool hold(const std::string& work, const std::string& owner, Milliseconds duration) override;
  void attend(const std::string& instance) override;
  std::vector<FarmSeen> farms() override;
  bool submit(const Change& change) override;
  std::optional<Change> claim_change(const std::vector<ChangeKind>& kinds, const std::string& owner,
                                     Milliseconds duration) override;
  bool end_change(const std::string& key, const ChangeEnd& end) override;
  std::vector<Change> changes(const std::optional<std::string>& source, std::size_t skip,
                              std::size_t count_max) override;
  std::vector<ChangeCount> change_counts() override;
  std::optional<Change> change(const std::string& key_or_prefix) override;
  void set_watches(const std::vector<std::string>& names) override;
  std::uint64_t drop_unwatched() override;
  std::optional<Blame> blame(const std::string& finding) override;
  std::vector<Blame> open_blames(const std::string& source) override;
  std::optional<ClaimedPart> claim_part(const ProofAsk& ask, const std::string& owner, Milliseconds duration) override;
  bool take_gain(const PartName& part, const std::string& gain) override;
  std::vector<Proof> proofs() override;
  std::vector<Finding> untold(std::size_t count_max) override;
  void told(const std::string& finding, FindingState state) override;
  void share_input(const std::string& target, const std::string& hash, std::uint64_t bytes) override;
  std::vector<SharedInput> shared_inputs(const std::string& target, Milliseconds since) override;
  void keep_inputs(const std::string& target, const std::vector<std::string>& kept, Milliseconds until) override;
  bool count_once(const std::string& event, const CounterKey& counter, std::uint64_t n) override;
  std::map<CounterKey, std::uint64_t> counters() override;
  void add_sample(const std::string& series, double value) override;
  std::vector<Sample> samples(const std::string& series, Milliseconds since, std::size_t count_max) override;
  void set_note(const std::string& name, const std::string& value) override;
  std::string note(const std::string& name) override;
  std::map<std::string, std::string> notes() override;
  void prune() override;
  Milliseconds now() override;
  BlobStore& blobs() override { return *blobs_; }
  void interrupt() noexcept override {
    sql_->interrupt();
    blobs_->interrupt();
  }
  std::string check() override;

 private:
  // All or nothing, and once more where another transaction was in the way. Gives what `act` gives.
  template <class Act>
  auto transact(Act act) {
    constexpr unsigned tries_max = 10;
    const std::lock_guard lock(mutex_);
    for (unsigned tries = 1;; ++tries) {
      try {
        Transaction transaction(*sql_);
        if constexpr (std::is_void_v<decltype(act())>) {
          act();
          return transaction.commit();
        } else {
          auto result = act();
          transaction.commit();
          return result;
        }
      } catch (const SqlConflict&) {
        if (tries == tries_max) throw;
      }
    }
  }
  SqlResult ask(const std::string& statement, const auto&... values) {
    return transact([&] { return sql_->run(statement, values...); });
  }

  // Each within the caller's transaction.
  bool insert_finding(const Finding& finding);
  void count_sighting(const std::string& finding, const Sighting& sighting, bool is_new);
  void forget_acknowledgement_of_fixed(const std::string& finding);
  void show(const std::string& source, const std::string& commit, const std::string& change, const Shown& shown);
  void add_to_counter(const CounterKey& counter, std::uint64_t n);
  void write_note(const std::string& name, const std::string& value);
  void prune_proofs();
  Milliseconds build_since(const std::string& program, const std::string& build);
  std::vector<Finding> select_findings(const std::string& which, const auto&... values);

  const std::string node_;
  const std::unique_ptr<BlobStore> blobs_;
  std::mutex mutex_;
  const std::unique_ptr<Sql> sql_;
};

}  // namespace rcufarm::stress
