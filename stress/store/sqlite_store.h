// The store on SQLite (WAL, synchronous=FULL) and a folder of blobs.
//
// Job: the Store interface in SQL. One mutex: calls from several threads follow each other; processes share by SQLite's locks.
#pragma once

#include <mutex>
#include <utility>

#include "stress/store/blobs.h"
#include "stress/store/sqlite.h"
#include "stress/store/store.h"

namespace rcufarm::stress {

class SqliteStore : public Store {
 public:
  SqliteStore(const std::string& state, std::string node) : SqliteStore(state, state, std::move(node)) {}
  // With the database in another folder than the blobs.
  SqliteStore(const std::string& database, const std::string& state, std::string node);

  Reported report(const Sighting& sighting) override;
  std::optional<Sighting> claim(const std::string& owner, Milliseconds duration) override;
  void release_claims(const std::string& owner) override;
  bool settle(const Sighting& sighting, const Finding& finding) override;
  void dismiss(const Sighting& sighting) override;
  void checked(const std::string& finding, const std::string& build, std::uint64_t tries, std::uint64_t hits) override;
  void acknowledge(const std::string& finding, const std::string& note) override;
  void merge(const Finding& finding, const std::vector<Tally>& tallies) override;
  std::vector<Finding> findings() override;
  std::optional<Finding> finding(const std::string& key_or_prefix) override;
  std::vector<Tally> tallies(const std::string& finding) override;
  std::uint64_t waiting() override;
  bool count_once(const std::string& event, const CounterKey& counter, std::uint64_t n) override;
  std::map<CounterKey, std::uint64_t> counters() override;
  void add_sample(const std::string& series, double value) override;
  std::vector<Sample> samples(const std::string& series, std::size_t count_max) override;
  void set_note(const std::string& name, const std::string& value) override;
  std::string note(const std::string& name) override;
  void prune() override;
  std::string put_blob(std::string_view bytes) override { return blobs_.put(bytes); }
  std::optional<std::string> blob(std::string_view hash) override { return blobs_.get(hash); }
  std::string check() override;

 private:
  // Each within the caller's transaction.
  Milliseconds now();
  bool insert_finding(const Finding& finding);
  void count_sighting(const std::string& finding, const Sighting& sighting, bool is_new);
  void forget_acknowledgement_of_fixed(const std::string& finding);
  void add_to_counter(const CounterKey& counter, std::uint64_t n);
  std::vector<Finding> select_findings(const std::string& where, const std::string& value);

  const std::string node_;
  const Blobs blobs_;
  std::mutex mutex_;
  Database database_;
};

}  // namespace rcufarm::stress
