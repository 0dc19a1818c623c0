// What the farm is told: one TOML file over documented defaults.
//
// Job: the values. config_fields.h says what each is called, what it means and what is allowed. Plain values, no state.
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace rcufarm::stress {

struct FarmConfig {
  unsigned slots = 0;
  std::string node;
  std::string log_level = "info";
  std::string log_format = "text";
};

struct StoreConfig {
  std::string url;
  unsigned journal_mb = 1024;
};

struct HttpConfig {
  std::string address = "127.0.0.1";
  unsigned port = 9464;
  unsigned connections_max = 256;
  unsigned request_seconds_max = 3;
  std::string token_file;
};

// Relative ones are below `root`. An empty one: that kind of worker is not wanted.
struct ProgramsConfig {
  std::string root;
  std::string explore = "build/release/bin/rcufarm";
  std::string explore_linux = "build/kernel/cmake/bin/rcufarm-linux";
  std::string explore_adopted;
  std::vector<std::string> canary = {"build/release/bin/rcufarm-defect-*"};
  std::string libfuzzer_sim = "build/fuzz/bin/fuzz_sim";
  std::string libfuzzer_native = "build/fuzz/bin/fuzz_native";
  std::string libfuzzer_native_tsan = "build/fuzz-tsan/bin/fuzz_native";
  std::string libfuzzer_adopted;
  std::string afl_sim = "build/afl/bin/fuzz_sim";
  std::string afl_native = "build/afl/bin/fuzz_native";
  std::string afl_adopted;
  std::string stress_asan = "build/asan/bin/stress_native";
  std::string stress_tsan = "build/tsan/bin/stress_native";
  std::string replay_native = "build/release/bin/replay_native";
  std::string afl_fuzz = "afl-fuzz";
  std::string afl_sim_mutator = "build/release/lib/librcufarm_afl_sim_mutator.so";
  std::string afl_native_mutator = "build/release/lib/librcufarm_afl_mutator.so";
};

struct SharesConfig {
  unsigned explore = 30;
  unsigned explore_linux = 0;
  unsigned explore_adopted = 0;
  unsigned prove = 0;
  unsigned libfuzzer_sim = 15;
  unsigned libfuzzer_native = 10;
  unsigned libfuzzer_native_tsan = 5;
  unsigned libfuzzer_adopted = 0;
  unsigned afl_sim = 10;
  unsigned afl_native = 10;
  unsigned afl_adopted = 0;
  unsigned stress_asan = 10;
  unsigned stress_tsan = 10;
  unsigned regressions = 4;
  unsigned canary = 6;
};

// Every program up to a size, under each of these models.
struct ProofConfig {
  unsigned operations = 4;
  std::vector<std::string> models = {"sc"};
};

// Of the explorers' stints, by memory model, relative to each other.
struct ModelsConfig {
  unsigned sc = 3;
  unsigned tso = 1;
  unsigned c11 = 1;
  unsigned kernel = 1;
};

struct StintsConfig {
  unsigned explore_seconds = 20;
  unsigned fuzz_seconds = 60;
  unsigned stress_seconds = 20;
  unsigned canary_seconds = 20;
  unsigned grace_seconds = 45;
};

struct LimitsConfig {
  unsigned memory_mb = 2048;
  unsigned open_files = 1024;
  unsigned file_mb = 256;
  unsigned input_seconds = 20;
  unsigned disk_free_mb = 256;
};

struct RestartConfig {
  unsigned backoff_ms = 500;
  unsigned backoff_ms_max = 60'000;
  unsigned crash_loop = 5;
  unsigned parked_seconds = 900;
};

struct FindingsConfig {
  unsigned sim_replays = 20;
  unsigned native_replays = 5;
  unsigned native_tries = 40;
  unsigned replay_seconds = 120;
};

struct CanaryConfig {
  unsigned every_seconds = 60;
  unsigned blind_seconds = 3600;
};

struct NotifyConfig {
  std::string url;
  std::string secret_file;
};

// Patches that are posted, and commits of watched branches.
struct ChangesConfig {
  unsigned seconds = 60;
  std::vector<std::string> models = {"sc", "kernel"};
  unsigned build_seconds = 1800;
  unsigned poll_seconds = 120;
  std::string folder;
  std::string build_folder;
  std::string linux_tree;
};

// A branch of which each new commit is looked at: [[watch]], as often as wanted.
struct WatchConfig {
  std::string name = "";
  std::string repository = "";
  std::string branch = "main";
  std::vector<std::string> paths = {};
  std::string target = "alloc";
  unsigned seconds = 60;
};

struct CorpusConfig {
  std::vector<std::string> seeds = {"corpus/seeds"};
  std::string regressions = "corpus/regressions";
  unsigned entries_max = 20'000;
  unsigned mb_max = 64;
  unsigned merge_minutes = 60;
};

struct Config {
  FarmConfig farm;
  StoreConfig store;
  HttpConfig http;
  ProgramsConfig programs;
  SharesConfig shares;
  ModelsConfig models;
  ProofConfig proof;
  StintsConfig stints;
  LimitsConfig limits;
  RestartConfig restart;
  FindingsConfig findings;
  CanaryConfig canary;
  CorpusConfig corpus;
  NotifyConfig notify;
  ChangesConfig changes;
  std::vector<WatchConfig> watches;

  // `path` below programs.root; "" stays "".
  std::filesystem::path resolve(const std::string& path) const;
};

// An adopted allocator's, by that of a program that ./farm adopt builds: rcufarm-NAME, fuzz_sim-NAME. "": there is no program.
std::string adopted_name(const std::string& program);
// As it stands in links and names a folder.
bool is_watch_name(const std::string& name);

struct ConfigError {
  std::string message;  // file, line, key, and what is allowed
};

// What of it cannot be, though each value is of its kind: an address that is none, a folder that is not there. "": nothing.
std::string trouble_of(const Config& config);
std::variant<Config, ConfigError> read_config(const std::filesystem::path& file);
// `name` stands in errors.
std::variant<Config, ConfigError> parse_config(const std::string& text, const std::string& name);
// As TOML, each key with its meaning above it.
std::string to_toml(const Config& config);

}  // namespace rcufarm::stress
