// Proofs of the store in SQL: parts, who has them, and what came of them.
//
// Each call that changes a proof writes its row first, so that one comes after another. A claim is a row, whose number the part's
// next claim does not have: what a claim's owner brings after somebody else has taken the part over is refused, so nothing is counted twice.
// It counts until that happens, even if it has run out.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <variant>

#include "harness/sim/proof_part.h"
#include "stress/store/sql_store.h"

namespace rcufarm::stress {

namespace {

using harness::FrontierGain;
using harness::ProofGain;
using harness::ProofPart;
using harness::RowGain;
using harness::SharedProof;

// A part's length, and of the row of all programs, whose end is not known. Small programs take milliseconds.
constexpr std::uint64_t part_programs = 512;
constexpr std::uint64_t no_end = std::uint64_t{1} << 40U;
// Parts that are looked at for one that can be had.
constexpr std::int64_t parts_looked_at = 64;
// Claims of which nothing came: each makes the next one of the part smaller by so many powers of two, and a program that none came back
// from is left without a verdict.
constexpr std::uint64_t tries_max = 5;
constexpr std::uint64_t powers_per_try = 3;
constexpr Milliseconds proof_kept = Milliseconds{90} * 24 * 60 * 60 * 1000;

using Sizes = std::vector<std::uint64_t>;

Sizes sizes_of(const std::string& text) {
  Sizes sizes;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    sizes.push_back(count(text.substr(at, end - at)));
    at = end + 1;
  }
  return sizes;
}

std::string text_of(const Sizes& sizes) {
  std::string text;
  for (const std::uint64_t size : sizes) text += (text.empty() ? "" : " ") + std::to_string(size);
  return text;
}

// How many operations the program with that place has, and where the next size begins. Behind what is counted: the next size, without an end.
std::pair<unsigned, std::uint64_t> size_at(std::uint64_t place, const Sizes& sizes) {
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    end += sizes[i];
    if (place < end) return {static_cast<unsigned>(i + 1), end};
  }
  return {static_cast<unsigned>(sizes.size() + 1), no_end};
}

SharedProof frontier_of(const std::string& text) {
  auto read = harness::shared_proof_from_text(text);
  if (const auto* error = std::get_if<std::string>(&read)) throw StoreRefused("a proof's frontier: " + *error);
  return std::get<SharedProof>(std::move(read));
}

// What is to be explored.
struct Cut {
  std::uint64_t first = 0;
  std::uint64_t number = 0;
  unsigned operations = 0;
  std::variant<harness::ProgramRow, harness::FrontierPart> what;
};

// One proof's parts and claims, within the caller's transaction.
class Parts {
 public:
  Parts(Sql& sql, std::string proof, Sizes sizes) : sql_(sql), proof_(std::move(proof)), sizes_(std::move(sizes)) {}

  std::optional<Cut> claim(unsigned operations_max, const std::string& owner, Milliseconds now, Milliseconds until) {
    if (sql_.run("SELECT 1 FROM proof_part WHERE proof = $1 LIMIT 1", proof_).empty()) add_row(0, no_end);
    // The smallest first; of these programs that nobody has begun, then frontiers that nobody is at.
    const auto open = sql_.run(
        "SELECT first, count, claims, tries, has_frontier FROM (SELECT first, count, claims, tries, operations, "
        "seconds, CASE WHEN frontier = '' THEN 0 ELSE 1 END AS has_frontier, CASE WHEN EXISTS(SELECT 1 FROM "
        "proof_claim c WHERE "
        "c.proof = p.proof AND c.first = p.first AND c.until >= $3) THEN 1 ELSE 0 END AS taken FROM proof_part p WHERE "
        "proof = $1 AND state = 'open' AND operations <= $2) AS o WHERE has_frontier = 1 OR taken = 0 ORDER BY "
        "operations, has_frontier, taken, seconds, first LIMIT $4",
        proof_, std::int64_t{operations_max}, now, parts_looked_at);
    for (const auto& row : open.rows) {
      const Open part{count(row[0]), count(row[1]), count(row[2]), count(row[3])};
      auto cut = count(row[4]) == 0 ? cut_row(part) : cut_frontier(part, now, until);
      if (!cut) continue;
      sql_.run("INSERT INTO proof_claim VALUES($1, $2, $3, $4, $5)", proof_, cut->first, cut->number, owner, until);
      return cut;
    }
    return std::nullopt;
  }

  // False: somebody else has the part, or had it.
  bool take(std::uint64_t first, std::uint64_t number, const ProofGain& gain) {
    const auto found = sql_.run(
        "SELECT count, frontier FROM proof_part WHERE proof = $1 AND first = $2 AND state = 'open'", proof_, first);
    const auto* row = std::get_if<RowGain>(&gain.what);
    if (found.empty() || (row != nullptr) != found.rows[0][1].empty()) return false;
    const auto ended =
        sql_.run("DELETE FROM proof_claim WHERE proof = $1 AND first = $2 AND number = $3", proof_, first, number);
    if (ended.changed == 0) return false;
    if (row != nullptr) {
      take_row(first, count(found.rows[0][0]), *row, gain.seconds);
      return true;
    }
    SharedProof proof = frontier_of(found.rows[0][1]);
    if (!harness::take_gain(proof, std::get<FrontierGain>(gain.what), gain.seconds)) return false;
    write_frontier(first, proof);
    return true;
  }

 private:
  struct Open {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    std::uint64_t claims = 0;
    std::uint64_t tries = 0;
  };

  void add_row(std::uint64_t first, std::uint64_t programs, std::uint64_t tries = 0) {
    sql_.run("INSERT INTO proof_part VALUES($1, $2, $3, $4, 'open', 0, $5, '', 0, 0, 0, 0, 0, 0)", proof_, first,
             programs, std::int64_t{size_at(first, sizes_).first}, tries);
  }
  void end_part(std::uint64_t first, std::uint64_t programs, const RowGain& gain, double seconds) {
    sql_.run(
        "UPDATE proof_part SET count = $3, state = 'over', frontier = '', proven = $4, limited = $5, wrong = $6, "
        "executions = $7, blocked = $8, seconds = $9 WHERE proof = $1 AND first = $2",
        proof_, first, programs, gain.proven, gain.limited, gain.wrong, gain.executions, gain.blocked, seconds);
  }
  void write_frontier(std::uint64_t first, const SharedProof& proof) {
    if (proof.is_over()) {
      RowGain gain{.sizes = {}, .executions = proof.figures.executions, .blocked = proof.figures.blocked};
      ++(!proof.finding.empty() ? gain.wrong : proof.limited != 0 ? gain.limited : gain.proven);
      end_part(first, 1, gain, proof.seconds);
      sql_.run("DELETE FROM proof_claim WHERE proof = $1 AND first = $2", proof_, first);
      return;
    }
    sql_.run(
        "UPDATE proof_part SET frontier = $3, claims = $4, tries = 0, executions = $5, blocked = $6, seconds = $7 "
        "WHERE proof = $1 AND first = $2",
        proof_, first, harness::to_text(proof), proof.frontier.claims(), proof.figures.executions,
        proof.figures.blocked, proof.seconds);
  }

  // Of a row of programs no more than a part, all of one size; the rest is another row.
  std::optional<Cut> cut_row(const Open& part) {
    const auto [operations, end] = size_at(part.first, sizes_);
    std::uint64_t length = std::min({part.count, part_programs, end - part.first});
    length = std::max<std::uint64_t>(1, length >> (powers_per_try * std::min(part.tries, tries_max)));
    if (part.count > length) add_row(part.first + length, part.count - length, part.tries);
    sql_.run("DELETE FROM proof_claim WHERE proof = $1 AND first = $2", proof_, part.first);
    sql_.run(
        "UPDATE proof_part SET count = $3, operations = $4, claims = claims + 1, tries = tries + 1 "
        "WHERE proof = $1 AND first = $2",
        proof_, part.first, length, std::int64_t{operations});
    if (part.tries >= tries_max) {
      end_part(part.first, 1, {.sizes = {}, .limited = 1}, 0);
      return std::nullopt;
    }
    return Cut{part.first, part.claims + 1, operations, harness::ProgramRow{operations, part.first, length}};
  }

  // Of a program's frontier a node that nobody has.
  std::optional<Cut> cut_frontier(const Open& part, Milliseconds now, Milliseconds until) {
    auto read = harness::shared_proof_from_text(
        sql_.run("SELECT frontier FROM proof_part WHERE proof = $1 AND first = $2", proof_, part.first).rows[0][0]);
    if (std::holds_alternative<std::string>(read)) return std::nullopt;  // another version's: it is left to that
    auto& proof = std::get<SharedProof>(read);
    std::map<std::uint64_t, Milliseconds> held;
    for (const auto& row : sql_.run("SELECT number, until FROM proof_claim WHERE proof = $1 AND first = $2 AND "
                                    "until >= $3",
                                    proof_, part.first, now)
                               .rows)
      held[count(row[0])] = integer(row[1]) + 1;
    auto nodes = proof.frontier.nodes();
    for (auto& [id, node] : nodes) {
      const auto claim = held.find(node.claim);
      node.until = claim == held.end() ? 0 : claim->second;
    }
    proof.frontier.restore(std::move(nodes), proof.frontier.claims());
    if (part.tries >= tries_max + held.size()) {
      RowGain gain{.sizes = {}, .limited = 1};
      gain.executions = proof.figures.executions;
      gain.blocked = proof.figures.blocked;
      end_part(part.first, 1, gain, proof.seconds);
      return std::nullopt;
    }
    auto claimed = harness::claim_part(proof, now, until);
    if (!claimed) return std::nullopt;
    const std::uint64_t number = claimed->claim.number;
    sql_.run("UPDATE proof_part SET frontier = $3, claims = $4, tries = tries + 1 WHERE proof = $1 AND first = $2",
             proof_, part.first, harness::to_text(proof), number);
    // Of who had that node before, nothing is taken any more.
    std::set<std::uint64_t> numbers;
    for (const auto& [id, node] : proof.frontier.nodes()) numbers.insert(node.claim);
    for (const auto& row :
         sql_.run("SELECT number FROM proof_claim WHERE proof = $1 AND first = $2", proof_, part.first).rows) {
      if (numbers.contains(count(row[0]))) continue;
      sql_.run("DELETE FROM proof_claim WHERE proof = $1 AND first = $2 AND number = $3", proof_, part.first,
               count(row[0]));
    }
    const unsigned operations = size_at(part.first, sizes_).first;
    return Cut{part.first, number, operations, std::move(*claimed)};
  }

  void take_row(std::uint64_t first, std::uint64_t length, const RowGain& gain, double seconds) {
    if (gain.sizes.size() > sizes_.size()) {
      sizes_ = gain.sizes;
      sql_.run("UPDATE proof SET sizes = $2 WHERE key = $1", proof_, text_of(sizes_));
      for (const auto& row :
           sql_.run("SELECT first FROM proof_part WHERE proof = $1 AND state = 'open' AND frontier = ''", proof_).rows)
        sql_.run("UPDATE proof_part SET operations = $3 WHERE proof = $1 AND first = $2", proof_, count(row[0]),
                 std::int64_t{size_at(count(row[0]), sizes_).first});
    }
    const std::uint64_t over = std::min(gain.over(), length);
    const bool has_begun = gain.begun && over < length;
    if (over == 0 && !has_begun) {
      sql_.run("UPDATE proof_part SET tries = 0 WHERE proof = $1 AND first = $2", proof_, first);
      return;
    }
    std::uint64_t at = first;
    if (over > 0) {
      end_part(first, over, gain, seconds);
      at += over;
    }
    if (has_begun) {
      if (over > 0) add_row(at, 1);
      sql_.run("UPDATE proof_part SET count = 1 WHERE proof = $1 AND first = $2", proof_, at);
      write_frontier(at, *gain.begun);
      ++at;
    }
    if (at < first + length) add_row(at, first + length - at);
  }

  Sql& sql_;
  const std::string proof_;
  Sizes sizes_;
};

}  // namespace

std::optional<ClaimedPart> SqlStore::claim_part(const ProofAsk& ask, const std::string& owner, Milliseconds duration) {
  // A transaction for each proof: two of them in one would wait for each other's.
  for (const std::string& model : ask.models) {
    auto claimed = transact([&]() -> std::optional<ClaimedPart> {
      const Milliseconds now = integer(sql_->run("SELECT {now}").rows[0][0]);
      const std::string key = proof_key(ask.program, ask.build, model);
      sql_->run("INSERT INTO proof VALUES($1, $2, $3, $3, $4, $5, $6, '') ON CONFLICT(key) DO UPDATE SET seen = $3",
                key, node_, now, ask.program, ask.build, model);
      const auto sizes = sql_->run("SELECT sizes FROM proof WHERE key = $1", key);
      auto cut = Parts(*sql_, key, sizes_of(sizes.rows[0][0])).claim(ask.operations_max, owner, now, now + duration);
      if (!cut) return std::nullopt;
      return ClaimedPart{.name = {key, cut->first, cut->number},
                         .build = ask.build,
                         .model = model,
                         .operations = cut->operations,
                         .text = harness::to_text(ProofPart{ask.build, model, std::move(cut->what)})};
    });
    if (claimed) return claimed;
  }
  return std::nullopt;
}

bool SqlStore::take_gain(const PartName& part, const std::string& text) {
  auto read = harness::proof_gain_from_text(text);
  if (const auto* error = std::get_if<std::string>(&read))
    throw StoreRefused("what came of a part of a proof: " + *error);
  return transact([&] {
    if (sql_->run("UPDATE proof SET seen = {now} WHERE key = $1", part.proof).changed == 0) return false;
    const auto sizes = sql_->run("SELECT sizes FROM proof WHERE key = $1", part.proof);
    return Parts(*sql_, part.proof, sizes_of(sizes.rows[0][0]))
        .take(part.first, part.number, std::get<ProofGain>(read));
  });
}

std::vector<Proof> SqlStore::proofs() {
  return transact([&] {
    std::vector<Proof> all;
    const auto found = sql_->run(
        "SELECT key, program, build, model, at, sizes, (SELECT COUNT(*) FROM proof_claim c WHERE c.proof = proof.key "
        "AND c.until >= {now}) FROM proof WHERE NOT EXISTS(SELECT 1 FROM proof o WHERE o.program = proof.program AND "
        "o.model = proof.model AND (o.seen > proof.seen OR (o.seen = proof.seen AND o.key > proof.key))) ORDER BY "
        "program, model");
    for (const auto& row : found.rows) {
      Proof& proof = all.emplace_back();
      proof.key = row[0];
      proof.program = row[1];
      proof.build = row[2];
      proof.model = row[3];
      proof.began = integer(row[4]);
      proof.at_work = count(row[6]);
      for (const std::uint64_t programs : sizes_of(row[5]))
        proof.sizes.push_back({.operations = static_cast<unsigned>(proof.sizes.size() + 1), .programs = programs});
      for (const auto& size :
           sql_->run(
                   "SELECT operations, SUM(proven), SUM(limited), SUM(wrong), SUM(CASE WHEN frontier = '' THEN 0 ELSE "
                   "1 END), SUM(executions), SUM(blocked), SUM(seconds) FROM proof_part WHERE proof = $1 GROUP BY "
                   "operations",
                   proof.key)
               .rows) {
        const std::uint64_t operations = count(size[0]);
        if (operations == 0 || operations > proof.sizes.size()) continue;
        ProofSize& one = proof.sizes[operations - 1];
        one.proven = count(size[1]);
        one.limited = count(size[2]);
        one.wrong = count(size[3]);
        one.begun = count(size[4]);
        one.executions = count(size[5]);
        one.blocked = count(size[6]);
        one.seconds = std::stod(size[7]);
      }
    }
    return all;
  });
}

void SqlStore::prune_proofs() {
  transact([&] {
    sql_->run("DELETE FROM proof WHERE seen < {now} - $1", proof_kept);
    for (const char* table : {"proof_part", "proof_claim"})
      sql_->run(fmt::format("DELETE FROM {} WHERE proof NOT IN (SELECT key FROM proof)", table));
  });
}

}  // namespace rcufarm::stress
