// A thin skin over SQLite: a database and statements that clean up and throw StoreError.
//
// Job: the only file with SQLite's C calls. A Database is used by one thread at a time; its owner sees to that.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "stress/store/error.h"

namespace rcufarm::stress {

class Database {
 public:
  // Throws StoreError if it cannot be opened for writing.
  explicit Database(const std::string& file);

  void run(const std::string& sql);  // any number of statements
  sqlite3* handle() const { return handle_.get(); }
  // Rows that the last statement changed.
  int changes() const { return sqlite3_changes(handle_.get()); }
  [[noreturn]] void fail(std::string_view what) const;

 private:
  std::string file_;
  std::unique_ptr<sqlite3, decltype(&sqlite3_close)> handle_;
};

// One statement, made for one use: Statement(db, "... ?1 ...", a, b); while (s.step()) s.text(0);
class Statement {
 public:
  template <class... Values>
  Statement(Database& database, std::string_view sql, const Values&... values)
      : database_(database), statement_(prepare(sql)) {
    int index = 0;
    (bind(++index, values), ...);
  }

  // True: there is a row.
  bool step();
  // For statements without rows; gives how many rows changed.
  int run() {
    step();
    return database_.changes();
  }

  std::string text(int column) const;
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  std::uint64_t count(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  double real(int column) const { return sqlite3_column_double(statement_.get(), column); }

 private:
  using Handle = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;
  Handle prepare(std::string_view sql);
  void bind(int index, std::string_view text);
  void bind(int index, const std::string& text) { bind(index, std::string_view(text)); }
  void bind(int index, const char* text) { bind(index, std::string_view(text)); }
  void bind(int index, std::int64_t value);
  void bind(int index, std::uint64_t value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, double value);

  Database& database_;
  Handle statement_;
};

// All or nothing: rolled back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) { database_.run("BEGIN IMMEDIATE"); }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit() {
    database_.run("COMMIT");
    done_ = true;
  }

 private:
  Database& database_;
  bool done_ = false;
};

}  // namespace rcufarm::stress
