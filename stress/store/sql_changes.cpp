// Changes of the store in SQL: the queue of patches and commits, and which commit is to blame for a finding.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>
#include <set>
#include <sstream>

#include "stress/store/sha256.h"
#include "stress/store/sql_store.h"

namespace rcufarm::stress {

namespace {

// A farm that dies with it each time is no reason to try for ever.
constexpr std::int64_t tries_max = 5;
constexpr std::size_t title_chars_max = 200;
// Of each node: the names of its watches, which have no blanks.
constexpr const char* watches_note = "watches";
constexpr const char* said_nothing = " ";

constexpr const char* columns =
    "SELECT key, source, target, title, name, place, content, state, told, result, node, came, ended, "
    "CASE WHEN state = 'waiting' AND claim_until >= {now} THEN 1 ELSE 0 END FROM change ";

Change read_change(const SqlResult::Row& row) {
  Change c;
  std::size_t i = 0;
  for (std::string* field : {&c.key, &c.source, &c.target, &c.title, &c.name}) *field = row[i++];
  c.place = integer(row[i++]);
  for (std::string* field : {&c.content, &c.state, &c.told, &c.result, &c.node}) *field = row[i++];
  c.came = integer(row[i++]);
  c.ended = integer(row[i++]);
  c.claimed = integer(row[i]) != 0;
  return c;
}

Blame read_blame(const SqlResult::Row& row) { return {row[0], row[1], row[2], row[3], row[4], row[5], row[6]}; }
constexpr const char* blame_columns =
    "SELECT finding, source, first_bad, bad_told, cured_by, cured_told, model FROM blame ";

}  // namespace

std::string patch_key(std::string_view content, std::string_view target) {
  return sha256_of({"patch", target, content});
}
std::string commit_key(std::string_view source, std::string_view target, std::string_view commit) {
  return sha256_of({"commit", source, target, commit});
}

std::string target_of_patch(std::string_view content) {
  for (const char* file : {"kernel/bpf/memalloc.c", "include/linux/bpf_mem_alloc.h"}) {
    if (content.find(file) != std::string_view::npos) return "linux";
  }
  return "alloc";
}

std::string title_of_patch(std::string_view content) {
  constexpr std::string_view header = "Subject:";
  std::string title;
  for (std::size_t at = 0; at < content.size();) {
    const auto end = std::min(content.find('\n', at), content.size());
    std::string_view line = content.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool goes_on = !title.empty() && (line.starts_with(' ') || line.starts_with('\t'));
    if (!title.empty() && !goes_on) break;
    if (goes_on || line.starts_with(header)) {
      line.remove_prefix(goes_on ? 0 : header.size());
      while (line.starts_with(' ') || line.starts_with('\t')) line.remove_prefix(1);
      title += (title.empty() ? "" : " ") + std::string(line);
    }
    at = end + 1;
  }
  title = clean_text(title.substr(0, title_chars_max));
  return title.empty() ? "a patch" : title;
}

bool SqlStore::submit(const Change& c) {
  return ask("INSERT INTO change VALUES($1, $2, {now}, $3, $4, $5, $6, $7, $8, 'waiting', '', '', 0, 0, '', 0) ON "
             "CONFLICT DO NOTHING",
             c.key, node_, c.source, c.target, c.title, c.name, c.place, c.content)
             .changed > 0;
}

std::optional<Change> SqlStore::claim_change(const std::vector<ChangeKind>& kinds, const std::string& owner,
                                             Milliseconds duration) {
  return transact([&]() -> std::optional<Change> {
    sql_->run(
        "UPDATE change SET state = 'failed', ended = {now}, told = 'it was taken five times and came to no end: the "
        "farms'' logs say why' WHERE "
        "state = 'waiting' AND claim_until < {now} AND tries >= $1",
        tries_max);
    for (const ChangeKind& kind : kinds) {
      const auto found = sql_->run(
          std::string(columns) +
              "WHERE state = 'waiting' AND source = $1 AND $2 IN (target, '') AND claim_until < {now} AND (source = '' "
              "OR NOT "
              "EXISTS(SELECT 1 FROM change o WHERE o.source = change.source AND o.state = 'waiting' AND o.place < "
              "change.place)) ORDER BY came, place LIMIT 1{skip}",
          kind.source, kind.target);
      if (found.empty()) continue;
      Change change = read_change(found.rows[0]);
      sql_->run("UPDATE change SET claim_owner = $1, claim_until = {now} + $2, tries = tries + 1 WHERE key = $3", owner,
                duration, change.key);
      return change;
    }
    return std::nullopt;
  });
}

bool SqlStore::end_change(const std::string& key, const ChangeEnd& end) {
  return transact([&] {
    const auto found = sql_->run("SELECT source, name, title FROM change WHERE key = $1", key);
    if (found.empty()) return false;
    const std::string source = found.rows[0][0];
    const std::string commit = found.rows[0][1];
    const std::string title = found.rows[0][2];
    const auto ended = sql_->run(
        "UPDATE change SET state = $2, told = $3, result = $4, node = $5, ended = {now} WHERE key = $1 AND state = "
        "'waiting'",
        key, end.state, end.told, end.result, node_);
    if (ended.changed == 0) return false;
    for (const Shown& shown : end.shown) show(source, commit, key, shown);
    for (const std::string& finding : end.cured) {
      sql_->run(
          "UPDATE finding SET state = 'fixed', changed = {now}, checked_build = $2 WHERE key = $1 AND state <> 'fixed'",
          finding, commit);
      sql_->run("UPDATE blame SET cured_by = $2, cured_told = $3 WHERE finding = $1", finding, commit, title);
    }
    return true;
  });
}

// A finding of a branch: counted as one that a worker met.
void SqlStore::show(const std::string& source, const std::string& commit, const std::string& change, const Shown& s) {
  Finding f;
  f.signature = s.signature;
  f.key = finding_key(s.signature);
  f.node = node_;
  f.kind = s.kind;
  f.engine = "simulator";
  f.program = "watch " + source;
  f.build = f.checked_build = commit;
  f.input = s.input;
  f.report = s.report;
  f.diagram = s.diagram;
  f.diagram_svg = s.diagram_svg;
  f.reproduce = s.reproduce;
  f.replays = f.reproduced = s.replays;
  Sighting sighting{.key = sha256_of({change, s.signature}),
                    .engine = f.engine,
                    .program = f.program,
                    .build = commit,
                    .kind = s.kind,
                    .signature = s.signature,
                    .input = s.input,
                    .report = "",
                    .seen = 1};
  const auto inserted = sql_->run(
      "INSERT INTO sighting VALUES($1, $2, {now}, $3, $4, $5, $6, $7, $8, '', 1, 1, '', 0) ON CONFLICT DO NOTHING",
      sighting.key, node_, sighting.engine, sighting.program, sighting.build, sighting.kind, sighting.signature,
      sighting.input);
  if (inserted.changed == 0) return;
  const bool is_new = insert_finding(f);
  count_sighting(f.key, sighting, is_new);
  // One that came back was brought again: by the commit that shows it now.
  sql_->run(
      "INSERT INTO blame VALUES($1, $2, $3, $4, '', '', $5) ON CONFLICT(finding) DO UPDATE SET first_bad = "
      "excluded.first_bad, bad_told = excluded.bad_told, cured_by = '', cured_told = '' WHERE blame.cured_by <> ''",
      f.key, source, s.first_bad.empty() ? commit : s.first_bad, s.bad_told, s.model);
}

std::vector<Change> SqlStore::changes(const std::optional<std::string>& source, std::size_t skip,
                                      std::size_t count_max) {
  const auto most = static_cast<std::int64_t>(count_max);
  const auto first = static_cast<std::int64_t>(skip);
  const auto result =
      source ? ask(std::string(columns) + "WHERE source = $1 ORDER BY place DESC, came DESC, key LIMIT $2 OFFSET $3",
                   *source, most, first)
             : ask(std::string(columns) + "ORDER BY came DESC, place DESC, key LIMIT $1 OFFSET $2", most, first);
  std::vector<Change> all;
  for (const auto& row : result.rows) all.push_back(read_change(row));
  return all;
}

std::vector<ChangeCount> SqlStore::change_counts() {
  std::vector<ChangeCount> all;
  for (const auto& row : ask("SELECT source, CASE WHEN state = 'waiting' AND claim_until >= {now} THEN 'at work' ELSE "
                             "state END AS now_state, "
                             "COUNT(*), MIN(came) FROM change GROUP BY source, now_state ORDER BY source, now_state")
                             .rows)
    all.push_back({row[0], row[1], count(row[2]), integer(row[3])});
  return all;
}

std::optional<Change> SqlStore::change(const std::string& key_or_prefix) {
  const auto found = ask(std::string(columns) + "WHERE key >= $1 AND key < $1 || 'g' LIMIT 2", key_or_prefix);
  if (found.rows.size() != 1) return std::nullopt;
  return read_change(found.rows[0]);
}

void SqlStore::set_watches(const std::vector<std::string>& names) {
  set_note(watches_note, fmt::format("{}", fmt::join(names, " ")));
}

std::uint64_t SqlStore::drop_unwatched() {
  return transact([&]() -> std::uint64_t {
    std::set<std::string> watched;
    const auto farms =
        sql_->run("SELECT COALESCE(n.value, $2) FROM farm f LEFT JOIN note n ON n.node = f.node AND n.name = $1",
                  watches_note, said_nothing);
    for (const auto& row : farms.rows) {
      if (row[0] == said_nothing) return 0;
      std::istringstream names(row[0]);
      watched.insert(std::istream_iterator<std::string>(names), {});
    }
    std::uint64_t dropped = 0;
    for (const auto& row :
         sql_->run("SELECT DISTINCT source FROM change WHERE state = 'waiting' AND source <> ''").rows) {
      if (watched.contains(row[0])) continue;
      dropped += sql_->run(
                         "UPDATE change SET state = 'dropped', told = $2, node = $3, ended = {now} WHERE state = "
                         "'waiting' AND source = $1 AND claim_until < {now}",
                         row[0], fmt::format("not watched any more: no farm has a [[watch]] named {}", row[0]), node_)
                     .changed;
    }
    return dropped;
  });
}

std::optional<Blame> SqlStore::blame(const std::string& finding) {
  const auto found = ask(std::string(blame_columns) + "WHERE finding = $1", finding);
  if (found.empty()) return std::nullopt;
  return read_blame(found.rows[0]);
}

std::vector<Blame> SqlStore::open_blames(const std::string& source) {
  std::vector<Blame> all;
  for (const auto& row :
       ask(std::string(blame_columns) + "WHERE source = $1 AND cured_by = '' ORDER BY finding", source).rows)
    all.push_back(read_blame(row));
  return all;
}

}  // namespace rcufarm::stress
