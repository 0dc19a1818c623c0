// SQLite: the store of one machine.
#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "stress/store/sql.h"

namespace rcufarm::stress {

namespace {

constexpr int busy_ms_max = 5000;
constexpr int busy_retry_ms = 5;
constexpr SqlDialect dialect_of_sqlite = {"CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)", "",
                                          "TEXT", "BLOB", " WITHOUT ROWID"};

const char* advice_on(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL: return ". The disk is full: free some space";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM: return ". Give a folder that may be written: --state DIR";
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return ". Move it away and put a backup in its place, or import an export: rcufarm-farm findings import";
    case SQLITE_BUSY: return ". Another process holds it";
    case SQLITE_IOERR: return ". Is the disk full or failing?";
    default: return "";
  }
}

class Sqlite final : public Sql {
 public:
  explicit Sqlite(const std::string& file) : file_(file) {
    guarded("open", [&] {
      database_ = std::make_unique<SQLite::Database>(
          file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_FULLMUTEX, busy_ms_max);
      use_write_ahead_log();
      database_->exec("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;");
    });
  }

  void script(const std::string& statements) override {
    guarded("write", [&] { database_->exec(in_dialect(statements)); });
  }
  void begin() override {
    guarded("write", [&] { database_->exec("BEGIN IMMEDIATE"); });
  }
  void commit() override {
    guarded("write", [&] { database_->exec("COMMIT"); });
  }
  void rollback() noexcept override {
    // Fails only where SQLite has rolled back by itself.
    sqlite3_exec(database_->getHandle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }

  void lock_schema() override {}  // BEGIN IMMEDIATE did
  int version() override {
    int version = 0;
    guarded("read", [&] { version = database_->execAndGet("PRAGMA user_version").getInt(); });
    return version;
  }
  void set_version(int version) override { script(fmt::format("PRAGMA user_version={}", version)); }

  const SqlDialect& dialect() const override { return dialect_of_sqlite; }
  std::string name() const override { return "store " + file_; }

  std::string check() override {
    std::string result;
    guarded("read", [&] {
      SQLite::Statement rows(*database_, "PRAGMA integrity_check");
      while (rows.executeStep()) result += (result.empty() ? "" : "; ") + rows.getColumn(0).getString();
    });
    return result;
  }

 protected:
  SqlResult run_with(const std::string& statement, const std::vector<SqlValue>& values) override {
    SqlResult result;
    guarded("write or read", [&] {
      SQLite::Statement& prepared = statement_of(statement);
      prepared.reset();
      for (std::size_t i = 0; i < values.size(); ++i) bind(prepared, static_cast<int>(i) + 1, values[i]);
      while (prepared.executeStep()) {
        SqlResult::Row& row = result.rows.emplace_back();
        for (int i = 0; i < prepared.getColumnCount(); ++i) row.push_back(prepared.getColumn(i).getString());
      }
      result.changed = static_cast<std::uint64_t>(sqlite3_changes(database_->getHandle()));
      prepared.reset();
    });
    return result;
  }

 private:
  // Prepared once: the program has a few dozen statements.
  SQLite::Statement& statement_of(const std::string& statement) {
    const auto found = prepared_.find(statement);
    if (found != prepared_.end()) return *found->second;
    std::string text = in_dialect(statement);
    std::ranges::replace(text, '$', '?');  // SQLite numbers its values by ?1
    return *prepared_.emplace(statement, std::make_unique<SQLite::Statement>(*database_, text)).first->second;
  }

  static void bind(SQLite::Statement& statement, int index, const SqlValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return statement.bind(index, *number);
    if (const auto* number = std::get_if<double>(&value)) return statement.bind(index, *number);
    if (const auto* text = std::get_if<std::string>(&value)) return statement.bind(index, clean_text(*text));
    const std::string& bytes = std::get<Bytes>(value).value;
    statement.bind(index, static_cast<const void*>(bytes.data()), static_cast<int>(bytes.size()));
  }

  // SQLite does not wait where it changes the journal's mode, whatever its busy timeout is: of programs that make the
  // file at once, all but one are told at once that it is locked.
  void use_write_ahead_log() {
    using Clock = std::chrono::steady_clock;
    for (const auto given_up = Clock::now() + std::chrono::milliseconds(busy_ms_max);;) {
      try {
        database_->exec("PRAGMA journal_mode=WAL");
        return;
      } catch (const SQLite::Exception& error) {
        if ((error.getErrorCode() & 0xff) != SQLITE_BUSY || Clock::now() >= given_up) throw;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(busy_retry_ms));
    }
  }

  template <class Do>
  void guarded(const char* what, Do act) {
    try {
      act();
    } catch (const SQLite::Exception& error) {
      throw StoreError(
          fmt::format("store {}: cannot {}: {}{}", file_, what, error.what(), advice_on(error.getErrorCode())));
    }
  }

  const std::string file_;
  std::unique_ptr<SQLite::Database> database_;
  std::map<std::string, std::unique_ptr<SQLite::Statement>> prepared_;  // goes before its database
};

}  // namespace

std::unique_ptr<Sql> open_sqlite(const std::string& file) { return std::make_unique<Sqlite>(file); }

}  // namespace rcufarm::stress
