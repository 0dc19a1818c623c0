// A change to an allocator that the farm looks at: a patch that somebody posted, or a commit of a watched branch.
//
// Job: plain values of the store. A change waits, is claimed, and ends in a state: a verdict ("wrong", "same", "clean"), or why there is none
// ("incomplete", "not applied", "not built", "failed"; "dropped": a commit that its watch asks for no more). What came of it is a blob of
// JSON, which change.py writes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rcufarm::stress {

using Milliseconds = std::int64_t;  // since 1970, by the store's clock

inline constexpr std::size_t patch_bytes_max = std::size_t{1} << 20U;

struct Change {
  std::string key = "";
  std::string source = "";  // "": a patch; else the watch's name
  // "alloc", "linux"; or of a patch the name of a watch, onto whose branch it goes; of a commit an adopted allocator's folder.
  std::string target = "";
  std::string title = "";    // of the first mail, or the commit's
  std::string name = "";     // the commit's; "" of a patch
  std::int64_t place = 0;    // of a commit in its branch
  std::string content = "";  // blob: the patch
  std::string state = "waiting";
  std::string told = "";    // why there is no verdict
  std::string result = "";  // blob; "": none
  std::string node = "";    // who ended it, or took it in
  Milliseconds came = 0;
  Milliseconds ended = 0;
  bool claimed = false;  // somebody looks at it now
};
std::string patch_key(std::string_view content, std::string_view target);
std::string commit_key(std::string_view source, std::string_view target, std::string_view commit);
// By the files that it names: "linux" for the kernel's own, else "alloc".
std::string target_of_patch(std::string_view content);
// The first mail's subject, in one line.
std::string title_of_patch(std::string_view content);

struct ChangeKind {
  std::string source;
  std::string target;  // "": any
};

inline constexpr std::array<const char*, 10> change_states = {
    "waiting", "at work", "wrong", "same", "clean", "incomplete", "not applied", "not built", "failed", "dropped"};
struct ChangeCount {
  std::string source;
  std::string state;  // of change_states
  std::uint64_t count = 0;
  Milliseconds oldest = 0;  // when the first of them came
};

// What a watched commit showed.
struct Shown {
  std::string kind;
  std::string signature;
  std::string model;
  std::string input;  // blobs; "": none
  std::string report;
  std::string diagram;
  std::string diagram_svg;
  std::string reproduce;
  std::uint64_t replays = 0;
  std::string first_bad;  // a commit; "": known before
  std::string bad_told;
};

struct ChangeEnd {
  std::string state;
  std::string told;
  std::string result;  // blob
  std::vector<Shown> shown;
  std::vector<std::string> cured;  // findings that this commit took away
};

struct Blame {
  std::string finding;
  std::string source;
  std::string first_bad;
  std::string bad_told;  // its title, and how sure that is
  std::string cured_by;  // "": none yet
  std::string cured_told;
  std::string model;
};

}  // namespace rcufarm::stress
