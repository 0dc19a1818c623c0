#include "cli/finding_bytes.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "scenario/bytes.h"

namespace rcufarm::cli {

namespace {

constexpr std::array magic{std::byte{'r'}, std::byte{'c'}, std::byte{'F'}, std::byte{1}};
constexpr std::size_t length_bytes = 4;

void append_piece(std::vector<std::byte>& out, std::span<const std::byte> piece) {
  for (unsigned i = 0; i < length_bytes; ++i) out.push_back(static_cast<std::byte>(piece.size() >> (8U * i)));
  out.insert(out.end(), piece.begin(), piece.end());
}
void append_piece(std::vector<std::byte>& out, std::string_view piece) {
  append_piece(out, std::as_bytes(std::span(piece.data(), piece.size())));
}

// Walks the pieces. A length that is too large ends the walk.
class Pieces {
 public:
  explicit Pieces(std::span<const std::byte> bytes) : rest_(bytes) {}

  bool next(std::span<const std::byte>& piece) {
    if (rest_.size() < length_bytes) return false;
    std::size_t length = 0;
    for (unsigned i = 0; i < length_bytes; ++i) length |= std::to_integer<std::size_t>(rest_[i]) << (8U * i);
    rest_ = rest_.subspan(length_bytes);
    if (length > rest_.size()) return false;
    piece = rest_.first(length);
    rest_ = rest_.subspan(length);
    return true;
  }
  std::span<const std::byte> rest() const { return rest_; }

 private:
  std::span<const std::byte> rest_;
};

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A signature is one line of what can be printed.
bool is_line(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

std::vector<std::byte> finding_to_bytes(const harness::SimFinding& finding) {
  std::vector<std::byte> out(magic.begin(), magic.end());
  append_piece(out, oracle::name_of(finding.kind));
  append_piece(out, finding.signature);
  append_piece(out, harness::to_text(finding.config));
  append_piece(out, std::span<const std::byte>(sim::to_bytes(finding.schedule)));
  scenario::encode_append(finding.scenario, out);
  return out;
}

bool looks_like_finding_bytes(std::span<const std::byte> bytes) {
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end() - 1, bytes.begin());
}

std::variant<harness::SimFinding, std::string> finding_from_bytes(std::span<const std::byte> bytes) {
  if (!looks_like_finding_bytes(bytes)) return "no finding: its bytes begin with `rcF`";
  if (bytes[magic.size() - 1] != magic.back()) {
    return "a finding of another version; this program reads version 1: use the rcufarm that wrote it";
  }
  Pieces pieces(bytes.subspan(magic.size()));
  std::span<const std::byte> kind, signature, config, schedule;
  if (!pieces.next(kind) || !pieces.next(signature) || !pieces.next(config) || !pieces.next(schedule)) {
    return "the finding is cut short";
  }
  harness::SimFinding finding;
  const auto named = oracle::kind_named(text_of(kind));
  if (!named || *named == oracle::Kind::none) return "the finding's kind is unknown; another version wrote it";
  finding.kind = *named;
  if (!is_line(text_of(signature))) return "the finding's signature is no line of text";
  finding.signature = text_of(signature);
  auto parsed_config = harness::sim_config_from_text(text_of(config));
  if (const auto* error = std::get_if<std::string>(&parsed_config)) return *error;
  finding.config = std::get<harness::SimConfig>(parsed_config);
  auto parsed_schedule = sim::schedule_from_bytes(schedule);
  if (const auto* error = std::get_if<sim::ScheduleError>(&parsed_schedule)) return "schedule: " + error->message;
  finding.schedule = std::get<sim::Schedule>(std::move(parsed_schedule));
  auto decoded = scenario::decode_saved(pieces.rest());
  if (const auto* error = std::get_if<scenario::DecodeError>(&decoded)) return "scenario: " + error->message();
  finding.scenario = std::get<scenario::Decoded>(std::move(decoded)).scenario;
  return finding;
}

}  // namespace rcufarm::cli
