// The SQLite store's counters, series, notes and upkeep.
#include "stress/store/sqlite_store.h"

namespace rcufarm::stress {

namespace {

constexpr Milliseconds day = 86'400'000;
constexpr Milliseconds events_kept = 7 * day;
constexpr Milliseconds samples_kept = 30 * day;

}  // namespace

void SqliteStore::add_to_counter(const CounterKey& counter, std::uint64_t n) {
  Statement(database_,
            "INSERT INTO counter VALUES(?1, ?2, ?3, ?4) ON CONFLICT(name, labels, node) DO UPDATE SET "
            "value = value + excluded.value",
            counter.name, counter.labels, node_, n)
      .run();
}

bool SqliteStore::count_once(const std::string& event, const CounterKey& counter, std::uint64_t n) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_);
  if (Statement(database_, "INSERT OR IGNORE INTO event VALUES(?1, ?2, ?3)", event, node_, now()).run() == 0)
    return false;
  add_to_counter(counter, n);
  transaction.commit();
  return true;
}

std::map<CounterKey, std::uint64_t> SqliteStore::counters() {
  const std::lock_guard lock(mutex_);
  Statement rows(database_, "SELECT name, labels, value FROM counter WHERE node = ?1", node_);
  std::map<CounterKey, std::uint64_t> all;
  while (rows.step()) all[{rows.text(0), rows.text(1)}] = rows.count(2);
  return all;
}

void SqliteStore::add_sample(const std::string& series, double value) {
  const std::lock_guard lock(mutex_);
  Statement(database_, "INSERT OR REPLACE INTO sample VALUES(?1, ?2, ?3, ?4)", series, node_, now(), value).run();
}

std::vector<Sample> SqliteStore::samples(const std::string& series, std::size_t count_max) {
  const std::lock_guard lock(mutex_);
  std::vector<Sample> all;
  Statement rows(database_, "SELECT at, value FROM sample WHERE series = ?1 AND node = ?2 ORDER BY at", series, node_);
  while (rows.step()) all.push_back({rows.integer(0), rows.real(1)});
  if (all.size() <= count_max || count_max == 0) return all;
  // Every n-th, and the newest.
  std::vector<Sample> some;
  const std::size_t step = (all.size() + count_max - 1) / count_max;
  for (std::size_t i = (all.size() - 1) % step; i < all.size(); i += step) some.push_back(all[i]);
  return some;
}

void SqliteStore::set_note(const std::string& name, const std::string& value) {
  const std::lock_guard lock(mutex_);
  Statement(database_, "INSERT OR REPLACE INTO note VALUES(?1, ?2, ?3)", name, node_, value).run();
}

std::string SqliteStore::note(const std::string& name) {
  const std::lock_guard lock(mutex_);
  Statement row(database_, "SELECT value FROM note WHERE name = ?1 AND node = ?2", name, node_);
  return row.step() ? row.text(0) : "";
}

void SqliteStore::prune() {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_);
  const Milliseconds at = now();
  Statement(database_, "DELETE FROM sighting WHERE settled = 1 AND at < ?1", at - events_kept).run();
  Statement(database_, "DELETE FROM event WHERE at < ?1", at - events_kept).run();
  Statement(database_, "DELETE FROM sample WHERE at < ?1", at - samples_kept).run();
  transaction.commit();
}

std::string SqliteStore::check() {
  const std::lock_guard lock(mutex_);
  Statement rows(database_, "PRAGMA integrity_check");
  std::string result;
  while (rows.step()) result += (result.empty() ? "" : "; ") + rows.text(0);
  return result;
}

}  // namespace rcufarm::stress
