#include "harness/sim/sim_finding.h"

#include <algorithm>

#include "scenario/text.h"

namespace rcufarm::harness {

namespace {

constexpr std::string_view magic = "finding v1";

std::string comment_lines(std::string_view text) {
  std::string out = "# ";
  for (const char c : text) out += c == '\n' ? std::string("\n# ") : std::string(1, c);
  return out + "\n";
}

// Walks the head of a finding's text line by line.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  unsigned number() const { return number_; }
  std::string_view rest() const { return rest_; }

  std::string_view peek() const { return rest_.substr(0, std::min(rest_.find('\n'), rest_.size())); }
  std::string_view next() {
    const std::string_view line = peek();
    rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
    ++number_;
    return line;
  }
  // The next line that says something.
  std::string_view next_full() {
    while (!done()) {
      const std::string_view line = next();
      if (!line.empty() && line[0] != '#') return line;
    }
    return {};
  }

 private:
  std::string_view rest_;
  unsigned number_ = 0;
};

bool starts_with_word(std::string_view line, std::string_view word) {
  return line == word || (line.size() > word.size() && line.substr(0, word.size()) == word && line[word.size()] == ' ');
}

std::string wrong(unsigned line, const std::string& what) { return "line " + std::to_string(line) + ": " + what; }

// The value of a head line `name value`, or why there is none.
std::variant<std::string_view, std::string> field(Lines& lines, std::string_view name) {
  const std::string_view line = lines.next_full();
  if (starts_with_word(line, name) && line.size() > name.size() + 1) return line.substr(name.size() + 1);
  return wrong(lines.number(),
               "expected `" + std::string(name) + " …`, found `" + std::string(line.substr(0, 60)) + "`");
}

// Lines up to the one that begins the scenario.
std::string_view until_scenario(Lines& lines) {
  const std::string_view from = lines.rest();
  while (!lines.done() && !starts_with_word(lines.peek(), scenario::text_magic)) lines.next();
  return from.substr(0, from.size() - lines.rest().size());
}

}  // namespace

std::string to_text(const SimFinding& finding) {
  std::string text = std::string(magic) + "\n";
  text += std::string("kind ") + oracle::name_of(finding.kind) + "\n";
  text += "signature " + finding.signature + "\n";
  text += "config " + to_text(finding.config) + "\n";
  if (!finding.detail.empty()) text += comment_lines(finding.detail);
  for (const FindingParty& party : finding.parties) {
    text += "# " + party.role + ": " + sim::name_of(party.context) + " " + sim::name_of(party.op) + " in " +
            party.function + " at point " + std::to_string(party.step) + "\n";
  }
  text += "schedule\n" + sim::to_text(finding.schedule);
  if (text.back() != '\n') text += '\n';
  return text + scenario::print(finding.scenario);
}

std::variant<SimFinding, std::string> sim_finding_from_text(std::string_view text) {
  Lines lines(text);
  if (lines.next_full() != magic) {
    return wrong(lines.number(), "not a finding of version 1: it begins with `" + std::string(magic) +
                                     "`; a scenario alone is explored, not replayed");
  }
  SimFinding finding;
  const auto kind = field(lines, "kind");
  if (const auto* error = std::get_if<std::string>(&kind)) return *error;
  const auto named = oracle::kind_named(std::get<std::string_view>(kind));
  if (!named) return wrong(lines.number(), "there is no such kind; it was written by another version");
  finding.kind = *named;

  const auto signature = field(lines, "signature");
  if (const auto* error = std::get_if<std::string>(&signature)) return *error;
  finding.signature = std::get<std::string_view>(signature);

  const auto config_line = field(lines, "config");
  if (const auto* error = std::get_if<std::string>(&config_line)) return *error;
  auto config = sim_config_from_text(std::get<std::string_view>(config_line));
  if (const auto* error = std::get_if<std::string>(&config)) return wrong(lines.number(), *error);
  finding.config = std::get<SimConfig>(config);

  if (lines.next_full() != "schedule") return wrong(lines.number(), "expected `schedule`");
  auto schedule = sim::schedule_from_text(until_scenario(lines));
  if (const auto* error = std::get_if<sim::ScheduleError>(&schedule)) return "schedule: " + error->message;
  finding.schedule = std::get<sim::Schedule>(std::move(schedule));

  const unsigned before = lines.number();
  auto scenario = scenario::parse(lines.rest());
  if (const auto* error = std::get_if<scenario::ParseError>(&scenario)) {
    return "scenario (from line " + std::to_string(before + 1) + " on): " + error->message();
  }
  finding.scenario = std::get<scenario::Scenario>(std::move(scenario));
  return finding;
}

}  // namespace rcufarm::harness
