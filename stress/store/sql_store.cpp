#include "stress/store/sql_store.h"

#include <fmt/format.h>

#include <limits>

#include "stress/store/migrate.h"
#include "stress/store/sha256.h"

namespace rcufarm::stress {

namespace {

// A node's name is its own while it was heard of so lately.
constexpr Milliseconds node_kept = 2 * 60 * 1000;
// How far the order of a listing may lag behind the tallies: a finding that all farms meet is not written by all of them.
constexpr Milliseconds seen_interval = 1000;

// The columns of select_findings.
Finding read_finding(const SqlResult::Row& row) {
  Finding f;
  std::size_t i = 0;
  for (std::string* field : {&f.key, &f.node, &f.kind, &f.signature, &f.engine, &f.program, &f.build, &f.input,
                             &f.report, &f.diagram, &f.diagram_svg, &f.reproduce}) {
    *field = row[i++];
  }
  f.replays = count(row[i++]);
  f.reproduced = count(row[i++]);
  f.state = finding_state_named(row[i++]).value_or(FindingState::open);
  f.checked_build = row[i++];
  f.first_seen = integer(row[i++]);
  f.last_seen = integer(row[i++]);
  f.count = count(row[i++]);
  f.acknowledged = integer(row[i++]);
  f.note = row[i++];
  return f;
}

// For LIKE: what it would take for any text.
std::string like_part(const std::string& text) {
  std::string part = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') part += '\\';
    part += c;
  }
  return part + "%";
}

}  // namespace

SqlStore::SqlStore(std::unique_ptr<Sql> sql, std::unique_ptr<BlobStore> blobs, std::string node)
    : node_(std::move(node)), blobs_(std::move(blobs)), sql_(std::move(sql)) {
  migrate(*sql_);
}

Milliseconds SqlStore::now() { return integer(ask("SELECT {now}").rows[0][0]); }

Reported SqlStore::report(const Sighting& s) {
  return transact([&] {
    const std::string finding = s.signature.empty() ? "" : finding_key(s.signature);
    const bool known = !finding.empty() && !sql_->run("SELECT 1 FROM finding WHERE key = $1", finding).empty();
    const auto inserted = sql_->run(
        "INSERT INTO sighting VALUES($1, $2, {now}, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', 0) ON CONFLICT DO "
        "NOTHING",
        s.key, node_, s.engine, s.program, s.build, s.kind, s.signature, s.input, s.report, s.seen, known);
    if (inserted.changed == 0) return Reported::repeated;
    if (known) count_sighting(finding, s, false);
    return known ? Reported::counted : Reported::queued;
  });
}

std::optional<Sighting> SqlStore::claim(const std::string& owner, Milliseconds duration) {
  return transact([&]() -> std::optional<Sighting> {
    const auto found = sql_->run(
        "SELECT key, engine, program, build, kind, signature, input, report, seen FROM sighting "
        "WHERE settled = 0 AND claim_until < {now} ORDER BY at LIMIT 1{skip}");
    if (found.empty()) return std::nullopt;
    const SqlResult::Row& row = found.rows[0];
    Sighting s;
    std::size_t i = 0;
    for (std::string* field : {&s.key, &s.engine, &s.program, &s.build, &s.kind, &s.signature, &s.input, &s.report}) {
      *field = row[i++];
    }
    s.seen = count(row[i]);
    sql_->run("UPDATE sighting SET claim_owner = $1, claim_until = {now} + $2 WHERE key = $3", owner, duration, s.key);
    return s;
  });
}

void SqlStore::release_claims(const std::string& owner) {
  transact([&] {
    sql_->run("UPDATE sighting SET claim_owner = '', claim_until = 0 WHERE settled = 0 AND claim_owner = $1", owner);
    sql_->run("UPDATE change SET claim_owner = '', claim_until = 0 WHERE state = 'waiting' AND claim_owner = $1",
              owner);
    sql_->run("DELETE FROM claim WHERE owner = $1", owner);
    // What such a claim's owner had saved is taken as long as nobody else has the part.
    sql_->run("UPDATE proof_claim SET until = 0 WHERE owner = $1", owner);
  });
}

bool SqlStore::insert_finding(const Finding& f) {
  return sql_->run(
                 "INSERT INTO finding VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, "
                 "{now}, {now}) "
                 "ON CONFLICT DO NOTHING",
                 f.key, f.node, f.kind, f.signature, f.engine, f.program, f.build, f.input, f.report, f.diagram,
                 f.diagram_svg, f.reproduce, f.replays, f.reproduced, name_of(f.state), f.checked_build)
             .changed > 0;
}

void SqlStore::count_sighting(const std::string& finding, const Sighting& s, bool is_new) {
  // A clock that was set back does not take last_seen with it.
  sql_->run(
      "INSERT INTO tally VALUES($1, $2, $3, {now}, {now}) ON CONFLICT(finding, node) DO UPDATE SET "
      "count = tally.count + excluded.count, "
      "last_seen = CASE WHEN excluded.last_seen > tally.last_seen THEN excluded.last_seen ELSE tally.last_seen END",
      finding, node_, s.seen);
  sql_->run(
      "UPDATE finding SET last_seen = {now} WHERE key IN (SELECT key FROM finding WHERE key = $1 AND last_seen < {now} "
      "- "
      "$2{skip})",
      finding, seen_interval);
  // It came back after it had seemed fixed.
  forget_acknowledgement_of_fixed(finding);
  sql_->run("UPDATE finding SET state = 'reopened', changed = {now} WHERE key = $1 AND state = 'fixed'", finding);
  std::string kind = s.kind;
  if (const auto row = sql_->run("SELECT kind FROM finding WHERE key = $1", finding); !row.empty())
    kind = row.rows[0][0];
  const std::uint64_t first = is_new ? 1 : 0;
  if (is_new) add_to_counter({"crashes_total", fmt::format("kind={},novelty=new", kind)}, 1);
  if (s.seen > first) add_to_counter({"crashes_total", fmt::format("kind={},novelty=known", kind)}, s.seen - first);
}

bool SqlStore::settle(const Sighting& sighting, const Finding& finding) {
  return transact([&] {
    // Somebody else may have done it, when the claim had run out.
    if (sql_->run("UPDATE sighting SET settled = 1 WHERE key = $1 AND settled = 0", sighting.key).changed == 0)
      return false;
    Finding keyed = finding;
    keyed.key = finding_key(finding.signature);
    keyed.node = node_;
    const bool is_new = insert_finding(keyed);
    if (is_new) {
      sql_->run("INSERT INTO recheck VALUES($1, $2, $3, {now}, $4, $5) ON CONFLICT DO NOTHING", keyed.key,
                keyed.checked_build, node_, keyed.replays, keyed.reproduced);
    }
    count_sighting(keyed.key, sighting, is_new);
    return is_new;
  });
}

void SqlStore::dismiss(const Sighting& sighting) {
  ask("UPDATE sighting SET settled = 1 WHERE key = $1 AND settled = 0", sighting.key);
}

// Since when this node's program is that build.
Milliseconds SqlStore::build_since(const std::string& program, const std::string& build) {
  const std::string name = "build " + program;
  const auto noted = sql_->run("SELECT value FROM note WHERE name = $1 AND node = $2", name, node_);
  const std::string value = noted.empty() ? "" : noted.rows[0][0];
  if (value.starts_with(build + " ")) return integer(value.substr(build.size() + 1));
  const auto at = sql_->run("SELECT {now}").rows[0][0];
  write_note(name, build + " " + at);
  return integer(at);
}

std::optional<Finding> SqlStore::claim_recheck(const std::string& program, const std::string& build,
                                               const std::string& owner, Milliseconds duration) {
  return transact([&]() -> std::optional<Finding> {
    // Each finding once for a build, whoever does it: two farms with two builds would go on for ever else.
    const auto found = sql_->run(
        "SELECT key FROM finding WHERE program = $1 AND input <> '' AND checked_build <> $2 "
        "AND NOT EXISTS(SELECT 1 FROM recheck WHERE recheck.finding = finding.key AND recheck.build = $2 AND "
        "recheck.at >= $3) "
        "AND NOT EXISTS(SELECT 1 FROM claim WHERE work = 'recheck ' || finding.key || ' ' || $2 AND until >= {now}) "
        "ORDER BY key LIMIT 1{skip}",
        program, build, build_since(program, build));
    if (found.empty()) return std::nullopt;
    const std::string& key = found.rows[0][0];
    const auto claimed = sql_->run(
        "INSERT INTO claim VALUES($1, $2, {now} + $3) ON CONFLICT(work) DO UPDATE SET owner = excluded.owner, until = "
        "excluded.until WHERE claim.until < {now}",
        fmt::format("recheck {} {}", key, build), owner, duration);
    if (claimed.changed == 0) return std::nullopt;  // somebody was quicker
    auto findings = select_findings("WHERE key = $1", key);
    if (findings.empty()) return std::nullopt;
    return std::move(findings.front());
  });
}

void SqlStore::checked(const std::string& finding, const std::string& build, std::uint64_t tries, std::uint64_t hits) {
  transact([&] {
    sql_->run(
        "INSERT INTO recheck VALUES($1, $2, $3, {now}, $4, $5) ON CONFLICT(finding, build) DO UPDATE SET node = "
        "excluded.node, at = excluded.at, tries = excluded.tries, hits = excluded.hits",
        finding, build, node_, tries, hits);
    if (sql_->run("SELECT 1 FROM finding WHERE key = $1 AND checked_build <> $2", finding, build).empty()) return;
    if (hits > 0) forget_acknowledgement_of_fixed(finding);
    // A finding that has always reproduced stays open; a fixed one that reproduces is reopened.
    const bool changes = !sql_->run(
                                  "SELECT 1 FROM finding WHERE key = $1 AND ((state <> 'fixed' AND $2 = 0) OR (state = "
                                  "'fixed' AND $2 > 0))",
                                  finding, hits)
                              .empty();
    if (changes) sql_->run("UPDATE finding SET changed = {now} WHERE key = $1", finding);
    sql_->run(
        "UPDATE finding SET checked_build = $2, replays = replays + $3, reproduced = reproduced + $4, state = CASE "
        "WHEN $4 = 0 THEN 'fixed' WHEN state = 'fixed' THEN 'reopened' ELSE state END WHERE key = $1",
        finding, build, tries, hits);
    if (hits == 0) return;
    sql_->run("UPDATE tally SET last_seen = {now} WHERE finding = $1 AND node = $2 AND last_seen < {now}", finding,
              node_);
    sql_->run("UPDATE finding SET last_seen = {now} WHERE key = $1 AND last_seen < {now}", finding);
  });
}

void SqlStore::acknowledge(const std::string& finding, const std::string& note) {
  ask("INSERT INTO acknowledgement VALUES($1, $2, {now}, $3) ON CONFLICT(finding) DO UPDATE SET node = excluded.node, "
      "at = "
      "excluded.at, note = excluded.note",
      finding, node_, note);
}

void SqlStore::forget_acknowledgement_of_fixed(const std::string& finding) {
  sql_->run(
      "DELETE FROM acknowledgement WHERE finding = $1 AND EXISTS(SELECT 1 FROM finding WHERE key = $1 AND state = "
      "'fixed')",
      finding);
}

void SqlStore::merge(const Finding& finding, const std::vector<Tally>& tallies) {
  transact([&] {
    Finding keyed = finding;
    keyed.key = finding_key(finding.signature);
    if (insert_finding(keyed)) sql_->run("UPDATE finding SET last_seen = 0 WHERE key = $1", keyed.key);
    sql_->run("INSERT INTO recheck VALUES($1, $2, $3, {now}, $4, $5) ON CONFLICT DO NOTHING", keyed.key,
              keyed.checked_build, keyed.node, keyed.replays, keyed.reproduced);
    for (const Tally& t : tallies) {
      // A node's own count only grows: the larger one is the newer one.
      sql_->run(
          "INSERT INTO tally VALUES($1, $2, $3, $4, $5) ON CONFLICT(finding, node) DO UPDATE SET "
          "count = CASE WHEN excluded.count > tally.count THEN excluded.count ELSE tally.count END, "
          "first_seen = CASE WHEN excluded.first_seen < tally.first_seen THEN excluded.first_seen ELSE "
          "tally.first_seen "
          "END, last_seen = CASE WHEN excluded.last_seen > tally.last_seen THEN excluded.last_seen ELSE "
          "tally.last_seen END",
          keyed.key, t.node, t.count, t.first_seen, t.last_seen);
      sql_->run("UPDATE finding SET last_seen = $2 WHERE key = $1 AND last_seen < $2", keyed.key, t.last_seen);
    }
  });
}

// `which`: what follows FROM finding.
std::vector<Finding> SqlStore::select_findings(const std::string& which, const auto&... values) {
  const auto result = sql_->run(
      "SELECT f.key, f.node, f.kind, f.signature, f.engine, f.program, f.build, f.input, f.report, f.diagram, "
      "f.diagram_svg, f.reproduce, f.replays, f.reproduced, f.state, f.checked_build, "
      "COALESCE((SELECT MIN(first_seen) FROM tally WHERE finding = f.key), 0), "
      "COALESCE((SELECT MAX(last_seen) FROM tally WHERE finding = f.key), 0), "
      "COALESCE((SELECT SUM(count) FROM tally WHERE finding = f.key), 0), COALESCE(a.at, 0), COALESCE(a.note, '') "
      "FROM (SELECT * FROM finding " +
          which +
          ") f LEFT JOIN acknowledgement a ON a.finding = f.key "
          "ORDER BY f.last_seen DESC, f.key",
      values...);
  std::vector<Finding> found;
  for (const auto& row : result.rows) found.push_back(read_finding(row));
  return found;
}

std::vector<Finding> SqlStore::findings(const Listing& l) {
  const auto most =
      l.count_max == 0 ? std::numeric_limits<std::int64_t>::max() : static_cast<std::int64_t>(l.count_max);
  const auto skip = static_cast<std::int64_t>(l.skip);
  std::string programs;
  for (const std::string& program : l.programs) programs += (programs.empty() ? "|" : "") + program + "|";
  return transact([&] {
    if (l.text.empty() && l.kind.empty() && l.state.empty() && l.programs.empty())
      return select_findings("ORDER BY last_seen DESC, key LIMIT $1 OFFSET $2", most, skip);
    return select_findings(
        "WHERE lower(signature) LIKE lower($1) ESCAPE '\\' AND ($2 = '' OR kind = $2) AND ($3 = '' OR state = $3) "
        "AND ($6 = '' OR $6 LIKE '%|' || REPLACE(program, '_', '\\_') || '|%' ESCAPE '\\') "
        "ORDER BY last_seen DESC, key LIMIT $4 OFFSET $5",
        like_part(l.text), l.kind, l.state, most, skip, programs);
  });
}

std::vector<BugCount> SqlStore::bugs() {
  std::vector<BugCount> all;
  for (const auto& row : ask("SELECT f.kind, f.state, COUNT(*), COUNT(*) - COUNT(a.finding) FROM finding f "
                             "LEFT JOIN acknowledgement a ON a.finding = f.key GROUP BY f.kind, f.state")
                             .rows) {
    all.push_back({row[0], finding_state_named(row[1]).value_or(FindingState::open), count(row[2]), count(row[3])});
  }
  return all;
}

std::optional<Finding> SqlStore::finding(const std::string& key_or_prefix) {
  return transact([&]() -> std::optional<Finding> {
    // Keys are hexadecimal digits: what begins so lies between.
    auto found = select_findings("WHERE key >= $1 AND key < $1 || 'g' LIMIT 2", key_or_prefix);
    if (found.size() != 1) return std::nullopt;
    return std::move(found.front());
  });
}

std::vector<Tally> SqlStore::tallies(const std::string& finding) {
  std::vector<Tally> found;
  for (const auto& row :
       ask("SELECT node, count, first_seen, last_seen FROM tally WHERE finding = $1 ORDER BY node", finding).rows) {
    found.push_back({row[0], count(row[1]), integer(row[2]), integer(row[3])});
  }
  return found;
}

std::uint64_t SqlStore::waiting() { return count(ask("SELECT COUNT(*) FROM sighting WHERE settled = 0").rows[0][0]); }

bool SqlStore::hold(const std::string& work, const std::string& owner, Milliseconds duration) {
  return ask("INSERT INTO claim VALUES($1, $2, {now} + $3) ON CONFLICT(work) DO UPDATE SET owner = excluded.owner, "
             "until = "
             "excluded.until WHERE claim.owner = excluded.owner OR claim.until < {now}",
             work, owner, duration)
             .changed > 0;
}

void SqlStore::attend(const std::string& instance) {
  const auto there =
      ask("INSERT INTO farm VALUES($1, $2, {now}) ON CONFLICT(node) DO UPDATE SET instance = excluded.instance, seen = "
          "excluded.seen WHERE farm.instance = excluded.instance OR farm.seen < {now} - $3",
          node_, instance, node_kept);
  if (there.changed > 0) return;
  throw StoreError(
      fmt::format("{}: another farm works there under the name \"{}\". Give this one a name of its own: [farm] node",
                  sql_->name(), node_));
}

std::vector<Finding> SqlStore::untold(std::size_t count_max) {
  return transact([&] {
    // Of the store and not of a node: what was there before somebody listened is no news.
    sql_->run("INSERT INTO note VALUES('told since', '', CAST({now} AS TEXT)) ON CONFLICT DO NOTHING");
    const auto since = sql_->run("SELECT value FROM note WHERE name = 'told since' AND node = ''").rows[0][0];
    return select_findings(
        "WHERE changed >= $1 AND NOT EXISTS(SELECT 1 FROM notice WHERE notice.finding = finding.key AND notice.state = "
        "finding.state) ORDER BY changed LIMIT $2",
        integer(since), static_cast<std::int64_t>(count_max));
  });
}

void SqlStore::told(const std::string& finding, FindingState state) {
  ask("INSERT INTO notice VALUES($1, $2, {now}) ON CONFLICT DO NOTHING", finding, name_of(state));
}

std::vector<FarmSeen> SqlStore::farms() {
  std::vector<FarmSeen> all;
  for (const auto& row : ask("SELECT node, {now} - seen FROM farm ORDER BY node").rows)
    all.push_back({row[0], std::max<Milliseconds>(0, integer(row[1]))});
  return all;
}

}  // namespace rcufarm::stress
