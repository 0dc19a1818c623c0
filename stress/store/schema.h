// The tables, as steps from one version of the schema to the next. A row's key is made of content, never of the database's own
// numbers; `node` says who wrote it.
//
// A step is never changed once it was released: stores out there have run it. A new table or column is a new step at the end.
#pragma once

#include <array>

namespace rcufarm::stress {

// Words in braces are those of the dialect (sql.h).
inline constexpr std::array<const char*, 4> schema_steps = {
    // 1
    R"(
CREATE TABLE finding(
  key {text} PRIMARY KEY, node TEXT NOT NULL, kind TEXT NOT NULL, signature TEXT NOT NULL, engine TEXT NOT NULL,
  program TEXT NOT NULL, build TEXT NOT NULL, input TEXT NOT NULL, report TEXT NOT NULL, diagram TEXT NOT NULL,
  diagram_svg TEXT NOT NULL, reproduce TEXT NOT NULL, replays BIGINT NOT NULL, reproduced BIGINT NOT NULL,
  state TEXT NOT NULL, checked_build TEXT NOT NULL){rowless};
CREATE TABLE tally(
  finding {text} NOT NULL, node {text} NOT NULL, count BIGINT NOT NULL, first_seen BIGINT NOT NULL,
  last_seen BIGINT NOT NULL, PRIMARY KEY(finding, node)){rowless};
CREATE TABLE acknowledgement(
  finding {text} PRIMARY KEY, node TEXT NOT NULL, at BIGINT NOT NULL, note TEXT NOT NULL){rowless};
CREATE TABLE sighting(
  key {text} PRIMARY KEY, node TEXT NOT NULL, at BIGINT NOT NULL, engine TEXT NOT NULL, program TEXT NOT NULL,
  build TEXT NOT NULL, kind TEXT NOT NULL, signature TEXT NOT NULL, input TEXT NOT NULL, report TEXT NOT NULL,
  seen BIGINT NOT NULL, settled BIGINT NOT NULL, claim_owner TEXT NOT NULL, claim_until BIGINT NOT NULL){rowless};
CREATE INDEX sighting_open ON sighting(at) WHERE settled = 0;
CREATE TABLE event(key {text} PRIMARY KEY, node TEXT NOT NULL, at BIGINT NOT NULL){rowless};
CREATE TABLE counter(
  name {text} NOT NULL, labels {text} NOT NULL, node {text} NOT NULL, value BIGINT NOT NULL,
  PRIMARY KEY(name, labels, node)){rowless};
CREATE TABLE sample(
  series {text} NOT NULL, node {text} NOT NULL, at BIGINT NOT NULL, value DOUBLE PRECISION NOT NULL,
  PRIMARY KEY(series, node, at)){rowless};
CREATE TABLE note(name {text} NOT NULL, node {text} NOT NULL, value TEXT NOT NULL, PRIMARY KEY(name, node)){rowless};
)",
    // 2: listings by an index, claims of any work, who works here, and what farms share.
    R"(
ALTER TABLE finding ADD COLUMN last_seen BIGINT NOT NULL DEFAULT 0;
UPDATE finding SET last_seen = COALESCE((SELECT MAX(t.last_seen) FROM tally t WHERE t.finding = finding.key), 0);
CREATE INDEX finding_seen ON finding(last_seen DESC, key);
ALTER TABLE finding ADD COLUMN changed BIGINT NOT NULL DEFAULT 0;
CREATE INDEX finding_changed ON finding(changed);
CREATE TABLE notice(finding {text} NOT NULL, state {text} NOT NULL, at BIGINT NOT NULL, PRIMARY KEY(finding, state)){rowless};
CREATE INDEX finding_program ON finding(program);
CREATE INDEX finding_kind ON finding(kind, state);
CREATE INDEX sighting_settled ON sighting(at) WHERE settled = 1;
CREATE INDEX sighting_claim ON sighting(claim_owner) WHERE settled = 0;
CREATE INDEX event_at ON event(at);
CREATE TABLE recheck(
  finding {text} NOT NULL, build {text} NOT NULL, node TEXT NOT NULL, at BIGINT NOT NULL, tries BIGINT NOT NULL,
  hits BIGINT NOT NULL, PRIMARY KEY(finding, build)){rowless};
INSERT INTO recheck SELECT key, checked_build, node, last_seen, replays, reproduced FROM finding;
CREATE TABLE claim(work {text} PRIMARY KEY, owner {text} NOT NULL, until BIGINT NOT NULL){rowless};
CREATE INDEX claim_owner ON claim(owner);
CREATE TABLE farm(node {text} PRIMARY KEY, instance TEXT NOT NULL, seen BIGINT NOT NULL){rowless};
CREATE TABLE shared_input(
  target {text} NOT NULL, hash {text} NOT NULL, bytes BIGINT NOT NULL, node TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY(target, hash)){rowless};
CREATE INDEX shared_input_at ON shared_input(target, at);
CREATE TABLE blob(hash {text} PRIMARY KEY, content {bytes} NOT NULL);
)",
    // 3: changes to an allocator (patches, commits), and which commit is to blame for a finding.
    R"(
CREATE TABLE change(
  key {text} PRIMARY KEY, node TEXT NOT NULL, came BIGINT NOT NULL, source {text} NOT NULL, target {text} NOT NULL,
  title TEXT NOT NULL, name {text} NOT NULL, place BIGINT NOT NULL, content TEXT NOT NULL, state {text} NOT NULL,
  told TEXT NOT NULL, result TEXT NOT NULL, ended BIGINT NOT NULL, tries BIGINT NOT NULL, claim_owner {text} NOT NULL,
  claim_until BIGINT NOT NULL){rowless};
CREATE INDEX change_waiting ON change(source, target, came, place) WHERE state = 'waiting';
CREATE INDEX change_place ON change(source, place);
CREATE INDEX change_came ON change(came);
CREATE INDEX change_claim ON change(claim_owner) WHERE state = 'waiting';
CREATE TABLE blame(
  finding {text} PRIMARY KEY, source {text} NOT NULL, first_bad TEXT NOT NULL, bad_told TEXT NOT NULL,
  cured_by TEXT NOT NULL, cured_told TEXT NOT NULL, model TEXT NOT NULL){rowless};
CREATE INDEX blame_source ON blame(source);
)",
    // 4: proofs, part by part.
    R"(
CREATE TABLE proof(
  key {text} PRIMARY KEY, node TEXT NOT NULL, at BIGINT NOT NULL, seen BIGINT NOT NULL, program {text} NOT NULL,
  build TEXT NOT NULL, model {text} NOT NULL, sizes TEXT NOT NULL){rowless};
CREATE TABLE proof_part(
  proof {text} NOT NULL, first BIGINT NOT NULL, count BIGINT NOT NULL, operations BIGINT NOT NULL, state {text} NOT NULL,
  claims BIGINT NOT NULL, tries BIGINT NOT NULL, frontier TEXT NOT NULL, proven BIGINT NOT NULL, limited BIGINT NOT NULL,
  wrong BIGINT NOT NULL, executions BIGINT NOT NULL, blocked BIGINT NOT NULL, seconds DOUBLE PRECISION NOT NULL,
  PRIMARY KEY(proof, first));
CREATE INDEX proof_part_open ON proof_part(proof, operations, seconds, first) WHERE state = 'open';
CREATE TABLE proof_claim(
  proof {text} NOT NULL, first BIGINT NOT NULL, number BIGINT NOT NULL, owner {text} NOT NULL, until BIGINT NOT NULL,
  PRIMARY KEY(proof, first, number)){rowless};
CREATE INDEX proof_claim_owner ON proof_claim(owner);
)"};
inline constexpr int schema_version = static_cast<int>(schema_steps.size());

}  // namespace rcufarm::stress
