// The readable form of schedules.
//
// Job: text and back, without loss. The first line is `schedule <version>`, then `config <name>`, then an entry a line:
//   t0 4+2 run t1              at t0's fourth event, two points on, t1 goes on
//   t0 5+0 interrupt p1
//   irq_work.c0 1+7 callback regular.c0
//   t1 2+1 work
//   t1 2+3 fail
//   t0 7+1 read_store 2        this load reads the store that two newer ones came after
//   t1 3+4 place_store 1       this store goes before the newest one. From version 2 on
// Two entries of one kind at one place are for two choices there, in their order; a value of 0 is the plain option.
// `#` starts a comment, except in the name; empty lines are skipped. Pure.
#include <algorithm>
#include <charconv>
#include <system_error>

#include "machine/engine/limits.h"
#include "machine/engine/schedule.h"

namespace rcufarm::sim {

namespace {

constexpr std::string_view first_word = "schedule";

const char* word_for(DecisionKind kind) {
  switch (kind) {
    case DecisionKind::run: return "run";
    case DecisionKind::interrupt: return "interrupt";
    case DecisionKind::callback: return "callback";
    case DecisionKind::work: return "work";
    case DecisionKind::fail: return "fail";
    case DecisionKind::read_store: return "read_store";
    case DecisionKind::place_store: return "place_store";
  }
  return "unknown";
}

bool kind_for(std::string_view word, DecisionKind& kind) {
  for (unsigned i = 0; i < decision_kinds; ++i) {
    kind = static_cast<DecisionKind>(i);
    if (word == word_for(kind)) return true;
  }
  return false;
}

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t\r");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

std::string_view next_word(std::string_view& line) {
  line = trimmed(line);
  const auto end = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

bool number(std::string_view text, std::uint32_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

// Of the first line; 0: it is none that this build knows.
unsigned version_in(std::string_view line) {
  std::uint32_t version = 0;
  if (next_word(line) != first_word || !number(next_word(line), version) || !trimmed(line).empty()) return 0;
  return version <= schedule_version ? version : 0;
}

// What is wrong with the line; null if nothing is.
const char* parse_entry(std::string_view line, unsigned version, Deviation& d) {
  if (!context_of(next_word(line), d.at)) return "it begins with no context's name (t0, p1, irq_work.c0, regular.c0 …)";
  const std::string_view place = next_word(line);
  const auto plus = place.find('+');
  if (plus == std::string_view::npos || !number(place.substr(0, plus), d.event) ||
      !number(place.substr(plus + 1), d.points)) {
    return "its second word is no place (event+points, as in 4+2)";
  }
  if (!kind_for(next_word(line), d.kind)) {
    return "its third word is no decision (run, interrupt, callback, work, fail, read_store, place_store)";
  }
  if (version < version_with(d.kind)) return "place_store came with version 2: begin with `schedule 2`";
  d.target = d.at;
  switch (d.kind) {
    case DecisionKind::run:
    case DecisionKind::interrupt:
    case DecisionKind::callback:
      if (!context_of(next_word(line), d.target)) return "its target is no context's name";
      if (decision_for(d.target) != d.kind) return "the decision does not suit its target";
      break;
    case DecisionKind::work: d.target = worker_context; break;
    case DecisionKind::fail: break;
    case DecisionKind::read_store:
    case DecisionKind::place_store:
      if (!number(next_word(line), d.value)) return "read_store and place_store want a number";
      break;
  }
  return trimmed(line).empty() ? nullptr : "something follows the entry";
}

}  // namespace

std::string to_text(const Schedule& schedule) {
  std::string out(first_word);
  out += " " + std::to_string(version_of(schedule)) + "\nconfig " + schedule.config + "\n";
  for (const Deviation& d : schedule.deviations) {
    out += name_of(d.at) + " " + std::to_string(d.event) + "+" + std::to_string(d.points) + " " + word_for(d.kind);
    switch (d.kind) {
      case DecisionKind::run:
      case DecisionKind::interrupt:
      case DecisionKind::callback: out += " " + name_of(d.target); break;
      case DecisionKind::work:
      case DecisionKind::fail: break;
      case DecisionKind::read_store:
      case DecisionKind::place_store: out += " " + std::to_string(d.value); break;
    }
    out += '\n';
  }
  return out;
}

std::variant<Schedule, ScheduleError> schedule_from_text(std::string_view text) {
  Schedule schedule;
  unsigned version = 0;  // 0: it has not begun
  bool config_known = false;
  for (std::size_t line_number = 1; !text.empty(); ++line_number) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto wrong = [&](const char* what) {
      return ScheduleError{"schedule, line " + std::to_string(line_number) + ": " + what};
    };
    const bool is_config = version != 0 && !config_known && line.substr(0, 6) == "config";
    if (!is_config) line = trimmed(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    if (version == 0) {
      version = version_in(line);
      if (version == 0) return wrong("the first line is `schedule 1`, or `schedule 2`");
    } else if (is_config) {
      schedule.config = trimmed(line.substr(6));
      if (schedule.config.size() > config_bytes_max) return wrong("the configuration's name is too long");
      config_known = true;
    } else {
      Deviation d;
      if (const char* what = parse_entry(line, version, d)) return wrong(what);
      if (schedule.deviations.size() == deviations_max) return wrong("more entries than a schedule may have");
      schedule.deviations.push_back(d);
    }
  }
  if (version == 0) return ScheduleError{"schedule: it is empty. The first line is `schedule 1`"};
  return schedule;
}

}  // namespace rcufarm::sim
