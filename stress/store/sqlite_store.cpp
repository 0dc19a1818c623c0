#include "stress/store/sqlite_store.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "stress/store/schema.h"
#include "stress/store/sha256.h"

namespace rcufarm::stress {

namespace {

constexpr std::size_t key_chars = 32;
constexpr std::size_t file_key_chars = 12;

std::string file_in(const std::string& state) { return state + "/farm.sqlite"; }

// Reads a row of `finding` joined with its tallies; the order of select_findings.
Finding read_finding(const Statement& row) {
  Finding f;
  int i = 0;
  for (std::string* field : {&f.key, &f.node, &f.kind, &f.signature, &f.engine, &f.program, &f.build, &f.input,
                             &f.report, &f.diagram, &f.diagram_svg, &f.reproduce}) {
    *field = row.text(i++);
  }
  f.replays = row.count(i++);
  f.reproduced = row.count(i++);
  f.state = finding_state_named(row.text(i++)).value_or(FindingState::open);
  f.checked_build = row.text(i++);
  f.first_seen = row.integer(i++);
  f.last_seen = row.integer(i++);
  f.count = row.count(i++);
  f.acknowledged = row.integer(i++);
  f.note = row.text(i++);
  return f;
}

}  // namespace

const char* name_of(FindingState state) {
  switch (state) {
    case FindingState::open: return "open";
    case FindingState::fixed: return "fixed";
    case FindingState::reopened: return "reopened";
  }
  return "open";
}

std::optional<FindingState> finding_state_named(std::string_view name) {
  for (const auto state : {FindingState::open, FindingState::fixed, FindingState::reopened}) {
    if (name == name_of(state)) return state;
  }
  return std::nullopt;
}

std::string finding_key(std::string_view signature) { return sha256_of({"finding", signature}).substr(0, key_chars); }

std::string file_name(const Finding& finding) { return finding.key.substr(0, file_key_chars) + ".finding"; }

std::string replay_command(const Finding& finding, const std::string& root) {
  std::string command = finding.reproduce;
  // KEY.finding and KEY.scenario: as farms wrote it before.
  for (const std::string_view place : {"{file}", "KEY.finding", "KEY.scenario"}) {
    if (const auto at = command.find(place); at != std::string::npos) {
      command.replace(at, place.size(), file_name(finding));
      break;
    }
  }
  return root.empty() || command.empty() || command[0] == '/' ? command : root + "/" + command;
}

namespace {

// The database in a folder of its own that goes with it.
class CopiedStore final : public SqliteStore {
 public:
  CopiedStore(std::filesystem::path copy, const std::string& state, std::string node)
      : SqliteStore(copy.string(), state, std::move(node)), copy_(std::move(copy)) {}
  ~CopiedStore() override {
    std::error_code ignored;
    std::filesystem::remove_all(copy_, ignored);
  }

 private:
  const std::filesystem::path copy_;
};

}  // namespace

std::unique_ptr<Store> open_sqlite_copy(const std::string& state, const std::string& node) {
  namespace fs = std::filesystem;
  std::string folder = (fs::temp_directory_path() / "rcufarm-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    throw StoreError(fmt::format("cannot make a folder in {}: {}. Give another by TMPDIR",
                                 fs::temp_directory_path().string(), std::strerror(errno)));
  }
  std::error_code error;
  // What the database's own file does not have yet stands in the log beside it.
  for (const char* end : {"", "-wal"}) {
    if (!fs::exists(file_in(state) + end)) continue;
    fs::copy_file(file_in(state) + end, file_in(folder) + end, error);
    if (!error) fs::permissions(file_in(folder) + end, fs::perms::owner_read | fs::perms::owner_write, error);
    if (error) throw StoreError(fmt::format("cannot copy {}{}: {}", file_in(state), end, error.message()));
  }
  return std::make_unique<CopiedStore>(folder, state, node);
}

std::unique_ptr<Store> open_sqlite_store(const std::string& state, const std::string& node) {
  return std::make_unique<SqliteStore>(state, node);
}

SqliteStore::SqliteStore(const std::string& database, const std::string& state, std::string node)
    : node_(std::move(node)), blobs_(state + "/blobs"), database_(file_in(database)) {
  database_.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;");
  Transaction transaction(database_);
  int version = 0;
  {
    Statement found(database_, "PRAGMA user_version");
    if (found.step()) version = static_cast<int>(found.integer(0));
  }
  if (version > schema_version) {
    throw StoreError(fmt::format("store {} was written by a newer farm (format {}, this one knows {}). Use that one",
                                 file_in(database), version, schema_version));
  }
  database_.run(schema);
  database_.run(fmt::format("PRAGMA user_version={}", schema_version));
  transaction.commit();
}

Milliseconds SqliteStore::now() {
  Statement clock(database_, fmt::format("SELECT {}", now_sql));
  clock.step();
  return clock.integer(0);
}

Reported SqliteStore::report(const Sighting& s) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_);
  const std::string finding = s.signature.empty() ? "" : finding_key(s.signature);
  bool known = false;
  if (!finding.empty()) {
    Statement same(database_, "SELECT 1 FROM finding WHERE key = ?1", finding);
    known = same.step();
  }
  const int inserted =
      Statement(database_,
                "INSERT OR IGNORE INTO sighting VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, '', 0)",
                s.key, node_, now(), s.engine, s.program, s.build, s.kind, s.signature, s.input, s.report, s.seen,
                std::int64_t{known})
          .run();
  if (inserted == 0) return Reported::repeated;
  if (known) count_sighting(finding, s, false);
  transaction.commit();
  return known ? Reported::counted : Reported::queued;
}

std::optional<Sighting> SqliteStore::claim(const std::string& owner, Milliseconds duration) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_);
  const Milliseconds at = now();
  Statement row(database_,
                "SELECT key, engine, program, build, kind, signature, input, report, seen FROM sighting "
                "WHERE settled = 0 AND claim_until < ?1 ORDER BY at LIMIT 1",
                at);
  if (!row.step()) return std::nullopt;
  Sighting s;
  int i = 0;
  for (std::string* field : {&s.key, &s.engine, &s.program, &s.build, &s.kind, &s.signature, &s.input, &s.report}) {
    *field = row.text(i++);
  }
  s.seen = row.count(i);
  Statement(database_, "UPDATE sighting SET claim_owner = ?1, claim_until = ?2 WHERE key = ?3", owner, at + duration,
            s.key)
      .run();
  transaction.commit();
  return s;
}

void SqliteStore::release_claims(const std::string& owner) {
  const std::lock_guard lock(mutex_);
  Statement(database_, "UPDATE sighting SET claim_owner = '', claim_until = 0 WHERE settled = 0 AND claim_owner = ?1",
            owner)
      .run();
}

bool SqliteStore::insert_finding(const Finding& f) {
  return Statement(database_,
                   "INSERT OR IGNORE INTO finding VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
                   "?15, ?16)",
                   f.key, f.node, f.kind, f.signature, f.engine, f.program, f.build, f.input, f.report, f.diagram,
                   f.diagram_svg, f.reproduce, f.replays, f.reproduced, name_of(f.state), f.checked_build)
             .run() > 0;
}

void SqliteStore::count_sighting(const std::string& finding, const Sighting& s, bool is_new) {
  const Milliseconds at = now();
  // A clock that was set back does not take last_seen with it.
  Statement(database_,
            "INSERT INTO tally VALUES(?1, ?2, ?3, ?4, ?4) ON CONFLICT(finding, node) DO UPDATE SET "
            "count = count + excluded.count, last_seen = MAX(last_seen, excluded.last_seen)",
            finding, node_, s.seen, at)
      .run();
  // It came back after it had seemed fixed.
  forget_acknowledgement_of_fixed(finding);
  Statement(database_, "UPDATE finding SET state = 'reopened' WHERE key = ?1 AND state = 'fixed'", finding).run();
  std::string kind = s.kind;
  Statement row(database_, "SELECT kind FROM finding WHERE key = ?1", finding);
  if (row.step()) kind = row.text(0);
  const std::uint64_t first = is_new ? 1 : 0;
  if (is_new) add_to_counter({"crashes_total", fmt::format("kind={},novelty=new", kind)}, 1);
  if (s.seen > first) add_to_counter({"crashes_total", fmt::format("kind={},novelty=known", kind)}, s.seen - first);
}

bool SqliteStore::settle(const Sighting& sighting, const Finding& finding) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_);
  const int settled =
      Statement(database_, "UPDATE sighting SET settled = 1 WHERE key = ?1 AND settled = 0", sighting.key).run();
  if (settled == 0) return false;  // somebody else did, when the claim had run out
  Finding keyed = finding;
  keyed.key = finding_key(finding.signature);
  keyed.node = node_;
  const bool is_new = insert_finding(keyed);
  count_sighting(keyed.key, sighting, is_new);
  transaction.commit();
  return is_new;
}

void SqliteStore::dismiss(const Sighting& sighting) {
  const std::lock_guard lock(mutex_);
  Statement(database_, "UPDATE sighting SET settled = 1 WHERE key = ?1", sighting.key).run();
}

void SqliteStore::checked(const std::string& finding, const std::string& build, std::uint64_t tries,
                          std::uint64_t hits) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_);
  const char* state = hits == 0 ? "fixed" : "reopened";
  if (hits > 0) forget_acknowledgement_of_fixed(finding);
  // A finding that has always reproduced stays open; a fixed one that reproduces is reopened.
  Statement(database_,
            "UPDATE finding SET checked_build = ?2, state = CASE WHEN ?5 = 'reopened' AND state <> 'fixed' THEN state "
            "ELSE ?5 END, "
            "replays = replays + ?3, reproduced = reproduced + ?4 WHERE key = ?1",
            finding, build, tries, hits, state)
      .run();
  if (hits > 0) {
    Statement(database_, "UPDATE tally SET last_seen = MAX(last_seen, ?2) WHERE finding = ?1 AND node = ?3", finding,
              now(), node_)
        .run();
  }
  transaction.commit();
}

void SqliteStore::acknowledge(const std::string& finding, const std::string& note) {
  const std::lock_guard lock(mutex_);
  Statement(database_,
            "INSERT INTO acknowledgement VALUES(?1, ?2, ?3, ?4) ON CONFLICT(finding) DO UPDATE SET node = ?2, at = ?3, "
            "note = ?4",
            finding, node_, now(), note)
      .run();
}

void SqliteStore::forget_acknowledgement_of_fixed(const std::string& finding) {
  Statement(
      database_,
      "DELETE FROM acknowledgement WHERE finding = ?1 AND EXISTS(SELECT 1 FROM finding WHERE key = ?1 AND state = "
      "'fixed')",
      finding)
      .run();
}

void SqliteStore::merge(const Finding& finding, const std::vector<Tally>& tallies) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_);
  Finding keyed = finding;
  keyed.key = finding_key(finding.signature);
  insert_finding(keyed);
  for (const Tally& t : tallies) {
    // A node's own count only grows: the larger one is the newer one.
    Statement(database_,
              "INSERT INTO tally VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(finding, node) DO UPDATE SET "
              "count = MAX(count, excluded.count), first_seen = MIN(first_seen, excluded.first_seen), "
              "last_seen = MAX(last_seen, excluded.last_seen)",
              keyed.key, t.node, t.count, t.first_seen, t.last_seen)
        .run();
  }
  transaction.commit();
}

std::vector<Finding> SqliteStore::select_findings(const std::string& where, const std::string& value) {
  Statement rows(
      database_,
      "SELECT f.key, f.node, kind, signature, engine, program, build, input, report, diagram, diagram_svg, reproduce, "
      "replays, reproduced, state, checked_build, MIN(t.first_seen), MAX(t.last_seen), SUM(t.count), "
      "COALESCE(a.at, 0), COALESCE(a.note, '') "
      "FROM finding f JOIN tally t ON t.finding = f.key LEFT JOIN acknowledgement a ON a.finding = f.key " +
          where + " GROUP BY f.key ORDER BY MAX(t.last_seen) DESC, f.key",
      value);
  std::vector<Finding> found;
  while (rows.step()) found.push_back(read_finding(rows));
  return found;
}

std::vector<Finding> SqliteStore::findings() {
  const std::lock_guard lock(mutex_);
  return select_findings("WHERE f.key > ?1", "");
}

std::optional<Finding> SqliteStore::finding(const std::string& key_or_prefix) {
  const std::lock_guard lock(mutex_);
  auto found = select_findings("WHERE substr(f.key, 1, length(?1)) = ?1", key_or_prefix);
  if (found.size() != 1) return std::nullopt;
  return std::move(found.front());
}

std::vector<Tally> SqliteStore::tallies(const std::string& finding) {
  const std::lock_guard lock(mutex_);
  Statement rows(database_, "SELECT node, count, first_seen, last_seen FROM tally WHERE finding = ?1 ORDER BY node",
                 finding);
  std::vector<Tally> found;
  while (rows.step()) found.push_back({rows.text(0), rows.count(1), rows.integer(2), rows.integer(3)});
  return found;
}

std::uint64_t SqliteStore::waiting() {
  const std::lock_guard lock(mutex_);
  Statement row(database_, "SELECT COUNT(*) FROM sighting WHERE settled = 0");
  row.step();
  return row.count(0);
}

}  // namespace rcufarm::stress
