// What the store is still owed: a write with all its bytes, as it lies in the journal.
//
// Job: the kinds of writes, to bytes and back, and each one's delivery. A delivery can be done twice: what it writes is keyed by
// content, and bytes come before the row that names them.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "stress/store/store.h"

namespace rcufarm::stress {

// The bytes that a sighting or a finding names by hash once they are stored. None of an input: not known; an empty one is one.
struct Evidence {
  std::optional<std::string> input = {};
  std::string report = {};
  std::string diagram = {};
  std::string diagram_svg = {};
};

struct SightingEntry {
  Sighting sighting;
  Evidence evidence;
};
// What an examination made of a claimed sighting.
struct SettledEntry {
  Sighting sighting;
  Finding finding;
  Evidence evidence;
  std::string told;               // for the log
  bool accuse_ourselves = false;  // not each replay showed it, and each had to: that is a finding too
};
struct DismissedEntry {
  std::string sighting;
};
struct CheckedEntry {
  std::string finding;
  std::string build;
  std::uint64_t tries = 0;
  std::uint64_t hits = 0;
};
struct CountedEntry {
  std::string event;
  CounterKey counter;
  std::uint64_t n = 0;
};
struct NotedEntry {
  std::string name;
  std::string value;
};
// A patch or a commit that is to be looked at; `content` is the patch.
struct SubmittedEntry {
  Change change;
  std::string content;
};
// What came of it; of what a commit showed the bytes stand where hashes will.
struct ChangeEndEntry {
  std::string change;
  ChangeEnd end;
};
using Entry = std::variant<SightingEntry, SettledEntry, DismissedEntry, CheckedEntry, CountedEntry, NotedEntry,
                           SubmittedEntry, ChangeEndEntry, GainEntry>;

std::string encode(const Entry& entry);
// Nothing: it is none of this program's.
std::optional<Entry> decode(const std::string& bytes);

// Throws StoreError.
void deliver(const Entry& entry, Store& store);

}  // namespace rcufarm::stress
