// The store's corpora, counters, series, notes and upkeep.
#include <algorithm>

#include "stress/store/sql_store.h"

namespace rcufarm::stress {

namespace {

constexpr Milliseconds day = 86'400'000;
constexpr Milliseconds events_kept = 7 * day;
constexpr Milliseconds samples_kept = 30 * day;
// A step of pruning: no transaction holds up the others for long.
constexpr std::int64_t rows_pruned_max = 10'000;

}  // namespace

void SqlStore::share_input(const std::string& target, const std::string& hash, std::uint64_t bytes) {
  ask("INSERT INTO shared_input VALUES($1, $2, $3, $4, {now}) ON CONFLICT DO NOTHING", target, hash, bytes, node_);
}

std::vector<SharedInput> SqlStore::shared_inputs(const std::string& target, Milliseconds since) {
  std::vector<SharedInput> all;
  for (const auto& row :
       ask("SELECT hash, bytes, at FROM shared_input WHERE target = $1 AND at >= $2 ORDER BY at, hash", target, since)
           .rows) {
    all.push_back({row[0], count(row[1]), integer(row[2])});
  }
  return all;
}

void SqlStore::keep_inputs(const std::string& target, const std::vector<std::string>& kept, Milliseconds until) {
  transact([&] {
    for (const auto& row :
         sql_->run("SELECT hash FROM shared_input WHERE target = $1 AND at < $2", target, until).rows) {
      if (std::ranges::binary_search(kept, row[0])) continue;
      sql_->run("DELETE FROM shared_input WHERE target = $1 AND hash = $2", target, row[0]);
    }
  });
}

void SqlStore::add_to_counter(const CounterKey& counter, std::uint64_t n) {
  sql_->run(
      "INSERT INTO counter VALUES($1, $2, $3, $4) ON CONFLICT(name, labels, node) DO UPDATE SET "
      "value = counter.value + excluded.value",
      counter.name, counter.labels, node_, n);
}

bool SqlStore::count_once(const std::string& event, const CounterKey& counter, std::uint64_t n) {
  return transact([&] {
    if (sql_->run("INSERT INTO event VALUES($1, $2, {now}) ON CONFLICT DO NOTHING", event, node_).changed == 0)
      return false;
    add_to_counter(counter, n);
    return true;
  });
}

std::map<CounterKey, std::uint64_t> SqlStore::counters() {
  std::map<CounterKey, std::uint64_t> all;
  for (const auto& row : ask("SELECT name, labels, value FROM counter WHERE node = $1", node_).rows)
    all[{row[0], row[1]}] = count(row[2]);
  return all;
}

void SqlStore::add_sample(const std::string& series, double value) {
  ask("INSERT INTO sample VALUES($1, $2, {now}, $3) ON CONFLICT(series, node, at) DO UPDATE SET value = excluded.value",
      series, node_, value);
}

std::vector<Sample> SqlStore::samples(const std::string& series, Milliseconds since, std::size_t count_max) {
  std::vector<Sample> all;
  for (const auto& row : ask("SELECT at, value FROM sample WHERE series = $1 AND node = $2 AND at >= $3 ORDER BY at",
                             series, node_, since)
                             .rows)
    all.push_back({integer(row[0]), std::stod(row[1])});
  if (all.size() <= count_max || count_max == 0) return all;
  // Every n-th, and the newest.
  std::vector<Sample> some;
  const std::size_t step = (all.size() + count_max - 1) / count_max;
  for (std::size_t i = (all.size() - 1) % step; i < all.size(); i += step) some.push_back(all[i]);
  return some;
}

void SqlStore::write_note(const std::string& name, const std::string& value) {
  sql_->run("INSERT INTO note VALUES($1, $2, $3) ON CONFLICT(name, node) DO UPDATE SET value = excluded.value", name,
            node_, value);
}

void SqlStore::set_note(const std::string& name, const std::string& value) {
  transact([&] { write_note(name, value); });
}

std::string SqlStore::note(const std::string& name) {
  const auto row = ask("SELECT value FROM note WHERE name = $1 AND node = $2", name, node_);
  return row.empty() ? "" : row.rows[0][0];
}

std::map<std::string, std::string> SqlStore::notes() {
  std::map<std::string, std::string> all;
  for (const auto& row : ask("SELECT name, value FROM note WHERE node = $1", node_).rows) all[row[0]] = row[1];
  return all;
}

void SqlStore::prune() {
  for (const auto& [statement, kept] :
       {std::pair{"DELETE FROM sighting WHERE key IN (SELECT key FROM sighting WHERE settled = 1 AND at < {now} - $1 "
                  "LIMIT $2)",
                  events_kept},
        std::pair{"DELETE FROM event WHERE key IN (SELECT key FROM event WHERE at < {now} - $1 LIMIT $2)",
                  events_kept}}) {
    while (ask(statement, kept, rows_pruned_max).changed > 0) continue;
  }
  ask("DELETE FROM sample WHERE node = $2 AND at < {now} - $1", samples_kept, node_);
  ask("DELETE FROM farm WHERE seen < {now} - $1", samples_kept);
  ask("DELETE FROM claim WHERE until < {now} - $1", day);
  prune_proofs();
}

std::string SqlStore::check() {
  const std::lock_guard lock(mutex_);
  return sql_->check();
}

}  // namespace rcufarm::stress
