#include "session/afl_stats.h"

#include <cstdlib>

#include "session/text.h"

namespace rcufarm::session {

namespace {

struct Field {
  std::string_view name;
  std::string_view value;
};

// Calls `each` for every "name <separator> value" line.
template <class Each>
void for_each_field(std::string_view text, char separator, Each each) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    const auto at = line.find(separator);
    if (at != std::string_view::npos) each(Field{trimmed(line.substr(0, at)), trimmed(line.substr(at + 1))});
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
}

// from_chars for double is missing in some libraries of this age.
double decimal(std::string_view text) { return std::strtod(std::string(text).c_str(), nullptr); }

std::string without_colours(std::string_view line) {
  std::string plain;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\x1b') {
      plain.push_back(line[i]);
      continue;
    }
    while (i + 1 < line.size() && line[i] != 'm') ++i;
  }
  return plain;
}

}  // namespace

std::optional<Figures> parse_fuzzer_stats(std::string_view text) {
  Figures figures;
  unsigned found = 0;
  const auto take = [&](const Field& field, std::uint64_t& target) {
    if (const auto value = leading_number(field.value)) {
      target = *value;
      ++found;
    }
  };
  for_each_field(text, ':', [&](const Field& field) {
    if (field.name == "execs_done") take(field, figures.executions);
    if (field.name == "corpus_count") take(field, figures.corpus);
    if (field.name == "edges_found") take(field, figures.edges);
    if (field.name == "total_edges") take(field, figures.edges_all);
    if (field.name == "execs_per_sec") figures.rate = decimal(field.value);
  });
  constexpr unsigned needed = 4;
  if (found != needed) return std::nullopt;
  return figures;
}

void update_from_statsd(std::string_view packet, Figures& figures) {
  for_each_field(packet, ':', [&](const Field& field) {
    const auto value = leading_number(field.value);
    if (!value) return;
    if (field.name == "fuzzing.execs_done") figures.executions = *value;
    if (field.name == "fuzzing.corpus_count") figures.corpus = *value;
    if (field.name == "fuzzing.edges_found") figures.edges = *value;
    if (field.name == "fuzzing.execs_per_sec") figures.rate = decimal(field.value);
  });
}

std::optional<std::string> abort_reason(std::string_view line) {
  constexpr std::string_view key = "PROGRAM ABORT : ";
  const std::string plain = without_colours(line);
  const auto at = plain.find(key);
  if (at == std::string::npos) return std::nullopt;
  return std::string(trimmed(std::string_view(plain).substr(at + key.size())));
}

std::optional<std::string> failing_seed(std::string_view line) {
  constexpr std::string_view key = "orig:";
  const auto verdict = line.find("' results in a ");
  const auto name = line.find(key);
  if (verdict == std::string_view::npos || name == std::string_view::npos || name > verdict) return std::nullopt;
  const auto begin = name + key.size();
  return std::string(line.substr(begin, verdict - begin));
}

}  // namespace rcufarm::session
