// PostgreSQL: one store of many machines.
#include <fmt/format.h>
#include <libpq-fe.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <map>
#include <optional>
#include <pqxx/pqxx>

#include "stress/store/sql.h"

namespace rcufarm::stress {

namespace {

constexpr SqlDialect dialect_of_postgres = {"CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
                                            " FOR UPDATE SKIP LOCKED", "TEXT COLLATE \"C\"", "BYTEA", ""};
constexpr int schema_lock = 0x52435546;  // any number that is ours

struct Option {
  const char* keyword;
  const char* value;
};
// A server that does not answer is away after seconds, not after the kernel's quarter of an hour.
constexpr std::array<Option, 7> usual_options = {{{"connect_timeout", "5"},
                                                  {"keepalives_idle", "5"},
                                                  {"keepalives_interval", "5"},
                                                  {"keepalives_count", "2"},
                                                  {"tcp_user_timeout", "15000"},
                                                  {"application_name", "rcufarm-farm"},
                                                  {"options", "-c statement_timeout=30000 -c lock_timeout=10000"}}};

std::string quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

// The options of `url` and, for those that it leaves open, the usual ones.
std::string connection_text(const std::string& url) {
  char* why = nullptr;
  PQconninfoOption* parsed = PQconninfoParse(url.c_str(), &why);
  if (parsed == nullptr) {
    std::string text = why == nullptr ? "it cannot be read" : why;
    PQfreemem(why);
    text.resize(std::min(text.size(), text.find('\n')));
    throw StoreError(
        fmt::format("[store] url = \"{}\" is no address of a PostgreSQL: {}. Write one as "
                    "postgresql://farm@host/rcufarm",
                    url, text));
  }
  std::string text;
  std::map<std::string, std::string> given;
  bool has_password = false;
  for (const PQconninfoOption* option = parsed; option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    has_password = has_password || std::string_view(option->keyword) == "password";
    given[option->keyword] = option->val;
  }
  PQconninfoFree(parsed);
  if (has_password) {
    throw StoreError(
        "[store] url has a password, and the configuration stands on the status page. Put the password into a file, "
        "and "
        "name the file in the url (?passfile=FILE) or by the variable PGPASSFILE");
  }
  for (const Option& option : usual_options) given.try_emplace(option.keyword, option.value);
  for (const auto& [keyword, value] : given) text += fmt::format("{}={} ", keyword, quoted(value));
  return text;
}

// Of libpq's message, which has lines and tabs.
std::string one_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '.' || text.back() == '?')) text.pop_back();
  std::ranges::replace_if(
      text, [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return text;
}

std::string hex_of(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "\\x";
  text.reserve(2 + bytes.size() * 2);
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4U];
    text += digits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

class Postgres final : public Sql {
 public:
  explicit Postgres(const std::string& url) : url_(url), connection_text_(connection_text(url)) { connect(); }

  void script(const std::string& statements) override {
    guarded([&] { work_->exec(in_dialect(statements)); });
  }
  void begin() override {
    if (!connection_ || !connection_->is_open()) connect();
    guarded([&] { work_.emplace(*connection_); });
  }
  void commit() override {
    guarded([&] { work_->commit(); });
    work_.reset();
  }
  void rollback() noexcept override {
    try {
      work_.reset();  // aborts
    } catch (...) {
      connection_.reset();
    }
  }

  void lock_schema() override { run("SELECT pg_advisory_xact_lock($1)", std::int64_t{schema_lock}); }
  int version() override {
    if (run("SELECT to_regclass('rcufarm_schema')").rows[0][0].empty()) return 0;
    const auto found = run("SELECT version FROM rcufarm_schema");
    return found.empty() ? 0 : static_cast<int>(integer(found.rows[0][0]));
  }
  void set_version(int version) override {
    script(
        fmt::format("CREATE TABLE IF NOT EXISTS rcufarm_schema(version INTEGER NOT NULL); DELETE FROM rcufarm_schema; "
                    "INSERT INTO rcufarm_schema VALUES({})",
                    version));
  }

  void interrupt() noexcept override {
    const int socket = socket_.load();
    if (socket >= 0) ::shutdown(socket, SHUT_RDWR);
  }

  const SqlDialect& dialect() const override { return dialect_of_postgres; }
  std::string name() const override { return "store " + url_; }
  // What is broken in its files the server says with each statement that meets it.
  std::string check() override { return "ok"; }

 protected:
  SqlResult run_with(const std::string& statement, const std::vector<SqlValue>& values) override {
    SqlResult result;
    guarded([&] {
      std::vector<std::string> texts;
      texts.reserve(values.size());
      for (const SqlValue& value : values) texts.push_back(text_of(value));
      const pqxx::result got =
          work_->exec_prepared(name_of(statement), pqxx::prepare::make_dynamic_params(texts.begin(), texts.end()));
      for (const auto& row : got) {
        SqlResult::Row& cells = result.rows.emplace_back();
        for (const auto& field : row) cells.push_back(cell_of(field, got.column_type(field.num())));
      }
      result.changed = static_cast<std::uint64_t>(got.affected_rows());
    });
    return result;
  }

 private:
  void connect() {
    socket_ = -1;
    work_.reset();
    prepared_.clear();
    connection_.reset();
    try {
      connection_ = std::make_unique<pqxx::connection>(connection_text_);
      socket_ = connection_->sock();
      if (connection_->server_version() < server_version_min) {
        connection_.reset();
        throw StoreError(fmt::format("{} is a PostgreSQL older than 13. Use 13 or newer", url_));
      }
    } catch (const pqxx::failure& error) {
      connection_.reset();
      const std::string why = one_line(error.what());
      const std::string text = fmt::format(
          "store {}: cannot connect: {}. Does the server run, and may this user use that database?", url_, why);
      // What trying again does not mend.
      for (const char* hopeless : {"does not exist", "authentication failed", "no pg_hba.conf entry", "no password"}) {
        if (why.find(hopeless) != std::string::npos && why.find("socket") == std::string::npos) throw StoreError(text);
      }
      throw StoreAway(text);
    }
  }

  const std::string& name_of(const std::string& statement) {
    auto& name = prepared_[statement];
    if (name.empty()) {
      name = fmt::format("s{}", prepared_.size());
      try {
        connection_->prepare(name, in_dialect(statement));
      } catch (...) {
        prepared_.erase(statement);
        throw;
      }
    }
    return name;
  }

  static std::string text_of(const SqlValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
    if (const auto* text = std::get_if<std::string>(&value)) return clean_text(*text);
    return hex_of(std::get<Bytes>(value).value);
  }

  static std::string cell_of(const pqxx::field& field, pqxx::oid type) {
    constexpr pqxx::oid bytea = 17;
    if (field.is_null()) return "";
    return type == bytea ? pqxx::binarystring(field).str() : std::string(field.c_str(), field.size());
  }

  template <class Do>
  void guarded(Do act) {
    try {
      act();
    } catch (const pqxx::in_doubt_error& error) {
      throw lost(error.what());  // done or not done: each write can be done twice
    } catch (const pqxx::transaction_rollback& error) {
      throw SqlConflict(fmt::format("{}: {}", name(), error.what()));
    } catch (const pqxx::broken_connection& error) {
      throw lost(error.what());
    } catch (const pqxx::sql_error& error) {
      const std::string state = error.sqlstate();
      const std::string text = fmt::format("{}: {}", name(), error.what());
      if (state.starts_with("22") || state.starts_with("23") || state.starts_with("54")) throw StoreRefused(text);
      // Shut down, or cancelled for its time: the class of what an operator does.
      if (state.starts_with("57") || state.starts_with("08") || state.empty() || !connection_->is_open())
        throw lost(error.what());
      throw StoreError(state.starts_with("53") ? text + " (of the server: disk, memory or connections)" : text);
    } catch (const pqxx::failure& error) {
      throw lost(error.what());
    } catch (const pqxx::usage_error& error) {
      throw lost(error.what());
    }
  }

  StoreAway lost(const std::string& why) { return StoreAway(fmt::format("{} went away: {}", name(), one_line(why))); }

  static constexpr int server_version_min = 130'000;
  const std::string url_;
  const std::string connection_text_;
  std::unique_ptr<pqxx::connection> connection_;
  std::optional<pqxx::work> work_;  // goes before its connection
  std::map<std::string, std::string> prepared_;
  std::atomic<int> socket_{-1};  // of the connection
};

}  // namespace

std::unique_ptr<Sql> open_postgres(const std::string& url) { return std::make_unique<Postgres>(url); }

}  // namespace rcufarm::stress
