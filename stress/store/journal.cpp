#include "stress/store/journal.h"

#include <fmt/format.h>

namespace rcufarm::stress {

namespace {

constexpr int journal_version = 1;
constexpr std::size_t trial_bytes = 16U << 10U;

}  // namespace

template <class Act>
auto Journal::transact(Act act) {
  Transaction transaction(*sql_);
  act();
  transaction.commit();
}

Journal::Journal(const std::filesystem::path& state, std::uint64_t bytes_max)
    : file_(state / "journal.sqlite"), bytes_max_(bytes_max), sql_(open_sqlite(file_)) {
  transact([&] {
    const int version = sql_->version();
    if (version > journal_version) {
      throw StoreError(fmt::format("{} was written by a newer farm (format {}, this one knows {}). Use that one",
                                   file_.string(), version, journal_version));
    }
    if (version == 0) {
      sql_->script(
          "CREATE TABLE entry(number INTEGER PRIMARY KEY, content BLOB NOT NULL); "
          "CREATE TABLE refused(number INTEGER PRIMARY KEY, content BLOB NOT NULL, why TEXT NOT NULL); "
          "CREATE TABLE note(name TEXT PRIMARY KEY, value BLOB NOT NULL)");
      sql_->set_version(journal_version);
    }
  });
  count_all();
}

void Journal::count_all() {
  const auto sums =
      sql_->run("SELECT COALESCE(MAX(number), 0), COUNT(*), COALESCE(SUM(length(content)), 0) FROM entry").rows[0];
  const auto apart = sql_->run("SELECT COALESCE(MAX(number), 0), COUNT(*) FROM refused").rows[0];
  last_ = std::max(integer(sums[0]), integer(apart[0]));
  entries_ = count(sums[1]);
  bytes_ = count(sums[2]);
  refused_ = count(apart[1]);
}

void Journal::append(const std::vector<Entry>& entries) {
  if (entries.empty()) return;
  std::vector<std::string> packed;
  std::uint64_t bytes = 0;
  for (const Entry& entry : entries) bytes += packed.emplace_back(encode(entry)).size();
  const std::lock_guard lock(mutex_);
  if (bytes_ + bytes > bytes_max_) {
    throw StoreError(
        fmt::format("the journal {} is full ({} entries wait for the store). Bring the store back, or give "
                    "[store] journal_mb more",
                    file_.string(), entries_));
  }
  std::int64_t number = last_;
  transact([&] {
    for (const std::string& one : packed) sql_->run("INSERT INTO entry VALUES($1, $2)", ++number, Bytes{one});
  });
  last_ = number;
  entries_ += packed.size();
  bytes_ += bytes;
}

// A file of its own: the database may have room that it does not give back, and take this where it would not take a finding.
void Journal::try_to_append() { write_durably(file_.parent_path() / "tried", std::string(trial_bytes, ' ')); }

std::vector<Journal::Owed> Journal::oldest(std::size_t count_max) {
  const std::lock_guard lock(mutex_);
  std::vector<Owed> owed;
  const auto rows =
      sql_->run("SELECT number, content FROM entry ORDER BY number LIMIT $1", static_cast<std::int64_t>(count_max));
  for (const auto& row : rows.rows) owed.push_back({integer(row[0]), row[1]});
  return owed;
}

void Journal::delivered(std::int64_t number) {
  const std::lock_guard lock(mutex_);
  transact([&] {
    forget(sql_->run("SELECT COUNT(*), COALESCE(SUM(length(content)), 0) FROM entry WHERE number <= $1", number));
    sql_->run("DELETE FROM entry WHERE number <= $1", number);
  });
}

void Journal::refused(std::int64_t number, const std::string& why) {
  const std::lock_guard lock(mutex_);
  transact([&] {
    forget(sql_->run("SELECT COUNT(*), COALESCE(SUM(length(content)), 0) FROM entry WHERE number = $1", number));
    sql_->run("INSERT OR REPLACE INTO refused SELECT number, content, $2 FROM entry WHERE number = $1", number, why);
    sql_->run("DELETE FROM entry WHERE number = $1", number);
  });
  ++refused_;
}

void Journal::forget(const SqlResult& sums) {
  entries_ -= count(sums.rows[0][0]);
  bytes_ -= count(sums.rows[0][1]);
}

std::uint64_t Journal::entries() const {
  const std::lock_guard lock(mutex_);
  return entries_;
}

std::uint64_t Journal::refused_entries() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

std::string Journal::note(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = sql_->run("SELECT value FROM note WHERE name = $1", name);
  return found.empty() ? "" : found.rows[0][0];
}

void Journal::set_note(const std::string& name, const std::string& value) {
  const std::lock_guard lock(mutex_);
  transact([&] {
    sql_->run("INSERT INTO note VALUES($1, $2) ON CONFLICT(name) DO UPDATE SET value = excluded.value", name, value);
  });
}

}  // namespace rcufarm::stress
