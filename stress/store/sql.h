// A database as SQL: what SQLite and PostgreSQL have in common, and the few words in which they differ.
//
// Job: statements with values, transactions, the schema's version. A Sql is used by one thread at a time; its owner sees to
// that. Everything throws StoreError; StoreAway where the server cannot be reached, and then the next begin() connects anew.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "stress/store/error.h"

namespace rcufarm::stress {

struct Bytes {
  std::string value;
};
using SqlValue = std::variant<std::int64_t, double, std::string, Bytes>;

// What a statement gave, whole: a listing is bounded by its LIMIT.
class SqlResult {
 public:
  using Row = std::vector<std::string>;

  std::vector<Row> rows;
  std::uint64_t changed = 0;  // rows that it wrote

  bool empty() const { return rows.empty(); }
};
std::int64_t integer(const std::string& cell);
std::uint64_t count(const std::string& cell);

// Words of a dialect, put in the place of {now} and so on in a statement.
struct SqlDialect {
  const char* now;      // milliseconds since 1970, by the store's clock
  const char* skip;     // after a SELECT of rows to be changed: leave out those that another transaction holds
  const char* text;     // a column that is compared byte by byte
  const char* bytes;    // a column of bytes
  const char* rowless;  // after a table whose key is its only index
};

class Sql {
 public:
  virtual ~Sql() = default;

  // One statement within the transaction; $1 is the first value. Words of the dialect stand in braces.
  template <class... Values>
  SqlResult run(const std::string& statement, const Values&... values) {
    return run_with(statement, {value_of(values)...});
  }
  // Several statements without values.
  virtual void script(const std::string& statements) = 0;

  virtual void begin() = 0;
  virtual void commit() = 0;
  virtual void rollback() noexcept = 0;

  // Within a transaction. 0: there is no schema yet. lock_schema(): nobody else changes it until the end of the transaction.
  virtual void lock_schema() = 0;
  virtual int version() = 0;
  virtual void set_version(int version) = 0;

  // Ends what waits for the server, with StoreAway; the only function that another thread may call meanwhile.
  virtual void interrupt() noexcept {}

  virtual const SqlDialect& dialect() const = 0;
  virtual std::string name() const = 0;  // for messages
  // "ok", or what is wrong with it.
  virtual std::string check() = 0;

 protected:
  virtual SqlResult run_with(const std::string& statement, const std::vector<SqlValue>& values) = 0;
  std::string in_dialect(const std::string& statement) const;

 private:
  static SqlValue value_of(const std::string& text) { return text; }
  static SqlValue value_of(const char* text) { return std::string(text); }
  static SqlValue value_of(const Bytes& bytes) { return bytes; }
  static SqlValue value_of(std::int64_t number) { return number; }
  static SqlValue value_of(std::uint64_t number) { return static_cast<std::int64_t>(number); }
  static SqlValue value_of(bool yes) { return std::int64_t{yes}; }
  static SqlValue value_of(double number) { return number; }
};

// Rolled back unless committed.
class Transaction {
 public:
  explicit Transaction(Sql& sql) : sql_(sql) { sql_.begin(); }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    if (!done_) sql_.rollback();
  }
  void commit() {
    sql_.commit();
    done_ = true;
  }

 private:
  Sql& sql_;
  bool done_ = false;
};

// Another transaction was in the way: the whole of this one may be tried again.
class SqlConflict : public StoreError {
 public:
  using StoreError::StoreError;
};

std::unique_ptr<Sql> open_sqlite(const std::string& file);
// `url`: what libpq understands, as postgresql://farm@host/rcufarm. Throws StoreError; StoreAway if nobody answers.
std::unique_ptr<Sql> open_postgres(const std::string& url);

// UTF-8 without zero bytes: what both databases keep. Anything else becomes '?'.
std::string clean_text(std::string_view text);

}  // namespace rcufarm::stress
