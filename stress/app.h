// The verbs of rcufarm-farm. Each gives the exit code: 0 done, 1 it found something or what was asked for is not there, 2 bad use
// or environment.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>

#include "stress/store/store.h"

namespace rcufarm::stress {

inline constexpr int exit_done = 0;
inline constexpr int exit_found = 1;
inline constexpr int exit_nothing = 1;
inline constexpr int exit_bad_use = 2;

struct RunOptions {
  std::string config;  // "": defaults
  std::string state = "farm-state";
  unsigned duration_seconds = 0;  // 0: until it is stopped
  int port = -1;                  // < 0: the config's
  pid_t builder = 0;              // a process that builds what is missing; 0: none
  std::string log_format;         // "": the config's
  bool fail_on_findings = false;  // exit code 1 if something was found, however it ended
};

int run_verb(const RunOptions& options);

// Prints the values in force: the defaults, or a file's over them.
int config_verb(const std::string& file);
// Says whether a farm could start with it: the values, the folders, and the store.
int check_config_verb(const std::string& file);

struct FindingsOptions {
  std::string state = "farm-state";
  std::string store;  // a url; "": that of the state folder
  std::string key;    // or its beginning
  std::string file;   // of export, import and get; of get, "": KEY.finding, "-": stdout
  std::string note;   // of ack
  bool json = false;
  bool any_build = false;  // of replay: on another build than it was found or seen on
};

int list_verb(const FindingsOptions& options);
int show_verb(const FindingsOptions& options);
int get_verb(const FindingsOptions& options);
int ack_verb(const FindingsOptions& options);
int replay_verb(const FindingsOptions& options);
int export_verb(const FindingsOptions& options);
int import_verb(const FindingsOptions& options);

struct ChangesOptions {
  std::string state = "farm-state";
  std::string store;
  std::string file;    // of submit; "-": stdin
  std::string target;  // "": by the files that it names
  std::string key;     // or its beginning
  bool json = false;
};

int submit_verb(const ChangesOptions& options);
int list_changes_verb(const ChangesOptions& options);
int show_change_verb(const ChangesOptions& options);

// Runs `verb` on the store that is named, or that of a state folder; `make`: which may be new.
int with_store(const std::string& state, const std::string& store, bool make,
               const std::function<int(Store& store)>& verb);
// One line on stderr; gives exit_bad_use.
int complain(const std::string& text);

// The store of a state folder, for the verbs that are run beside the farm: a file that names its url.
void remember_store(const StorePlace& place);
std::string remembered_store(const std::filesystem::path& state);

// This program, and the tree that it was built in: ROOT/build/PRESET/bin/rcufarm-farm.
std::string own_program();
std::string own_tree();
// The node's name: the config's, or the host's.
std::string node_name(const std::string& configured);

}  // namespace rcufarm::stress
