// The tables. A row's key is made of content, never of the database's own numbers; `node` says who wrote it.
#pragma once

namespace rcufarm::stress {

inline constexpr int schema_version = 1;

inline constexpr const char* schema = R"(
CREATE TABLE IF NOT EXISTS finding(
  key TEXT PRIMARY KEY, node TEXT NOT NULL, kind TEXT NOT NULL, signature TEXT NOT NULL, engine TEXT NOT NULL,
  program TEXT NOT NULL, build TEXT NOT NULL, input TEXT NOT NULL, report TEXT NOT NULL, diagram TEXT NOT NULL,
  diagram_svg TEXT NOT NULL, reproduce TEXT NOT NULL, replays INTEGER NOT NULL, reproduced INTEGER NOT NULL,
  state TEXT NOT NULL, checked_build TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tally(
  finding TEXT NOT NULL, node TEXT NOT NULL, count INTEGER NOT NULL, first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL, PRIMARY KEY(finding, node)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS acknowledgement(
  finding TEXT PRIMARY KEY, node TEXT NOT NULL, at INTEGER NOT NULL, note TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sighting(
  key TEXT PRIMARY KEY, node TEXT NOT NULL, at INTEGER NOT NULL, engine TEXT NOT NULL, program TEXT NOT NULL,
  build TEXT NOT NULL, kind TEXT NOT NULL, signature TEXT NOT NULL, input TEXT NOT NULL, report TEXT NOT NULL,
  seen INTEGER NOT NULL, settled INTEGER NOT NULL, claim_owner TEXT NOT NULL, claim_until INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sighting_open ON sighting(at) WHERE settled = 0;
CREATE TABLE IF NOT EXISTS event(key TEXT PRIMARY KEY, node TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter(
  name TEXT NOT NULL, labels TEXT NOT NULL, node TEXT NOT NULL, value INTEGER NOT NULL,
  PRIMARY KEY(name, labels, node)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sample(
  series TEXT NOT NULL, node TEXT NOT NULL, at INTEGER NOT NULL, value REAL NOT NULL,
  PRIMARY KEY(series, node, at)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS note(name TEXT NOT NULL, node TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(name, node))
  WITHOUT ROWID;
)";

// Milliseconds since 1970, by SQLite's clock: one clock for all rows.
inline constexpr const char* now_sql = "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)";

}  // namespace rcufarm::stress
