// A finding's names: its states, its key, its file, the line that replays it.
#include "stress/store/sha256.h"
#include "stress/store/store.h"

namespace rcufarm::stress {

namespace {

constexpr std::size_t key_chars = 32;
constexpr std::size_t file_key_chars = 12;

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

std::string finding_key(std::string_view signature) {
  return sha256_of({"finding", clean_text(signature)}).substr(0, key_chars);
}

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

}  // namespace rcufarm::stress
