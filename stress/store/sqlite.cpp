#include "stress/store/sqlite.h"

#include <fmt/format.h>

namespace rcufarm::stress {

namespace {

constexpr int busy_ms_max = 5000;

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

}  // namespace

Database::Database(const std::string& file) : file_(file), handle_(nullptr, sqlite3_close) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &handle,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail("open");
  sqlite3_busy_timeout(handle, busy_ms_max);
}

void Database::fail(std::string_view what) const {
  const int code = sqlite3_errcode(handle_.get());
  throw StoreError(
      fmt::format("store {}: cannot {}: {}{}", file_, what, sqlite3_errmsg(handle_.get()), advice_on(code)));
}

void Database::run(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    fail(sql.substr(0, sql.find(' ')));
}

Statement::Handle Statement::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v2(database_.handle(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  Handle handle(statement, sqlite3_finalize);
  if (code != SQLITE_OK) database_.fail("prepare");
  return handle;
}

bool Statement::step() {
  switch (sqlite3_step(statement_.get())) {
    case SQLITE_ROW: return true;
    case SQLITE_DONE: return false;
    default: database_.fail("write or read");
  }
}

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return bytes == nullptr
             ? ""
             : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

void Statement::bind(int index, std::string_view text) {
  sqlite3_bind_text(statement_.get(), index, text.data() == nullptr ? "" : text.data(), static_cast<int>(text.size()),
                    SQLITE_TRANSIENT);
}

void Statement::bind(int index, std::int64_t value) { sqlite3_bind_int64(statement_.get(), index, value); }
void Statement::bind(int index, double value) { sqlite3_bind_double(statement_.get(), index, value); }

Transaction::~Transaction() {
  // Fails only where SQLite has rolled back by itself.
  if (!done_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace rcufarm::stress
