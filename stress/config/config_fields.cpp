#include "stress/config/config_fields.h"

namespace rcufarm::stress {

namespace {

constexpr unsigned day_seconds = 86'400;
constexpr unsigned share_most = 1'000'000;
constexpr unsigned model_share_most = 100;
constexpr unsigned proof_most = 5;  // half a million programs, which each explorer lists

using Fields = std::vector<ConfigField>;

void add_service(Fields& f, Config& c) {
  f.push_back({"farm", "slots", "workers at once; 0: one for each CPU that may be used", &c.farm.slots, 0, 1024});
  f.push_back(
      {"farm", "node",
       "this farm's name in the store; \"\": its host name, which a shared store gets with some digits of its own",
       &c.farm.node});
  f.push_back(
      {"farm", "log_level", "what goes to stderr", &c.farm.log_level, 0, 0, {"debug", "info", "warn", "error"}});
  f.push_back(
      {"farm", "log_format", "json: an object a line, for a collector", &c.farm.log_format, 0, 0, {"text", "json"}});
  f.push_back({"store", "url",
               "the PostgreSQL that farms share, as postgresql://farm@host/rcufarm; \"\": SQLite in the state folder. "
               "No password: its file is named by ?passfile= or PGPASSFILE",
               &c.store.url});
  f.push_back({"store", "journal_mb", "what is kept in the state folder while the store is away", &c.store.journal_mb,
               16, 1U << 20U});
  f.push_back({"http", "address", "where metrics and the status page are served; the loopback unless told otherwise",
               &c.http.address});
  f.push_back({"http", "port", "0: any free one, which the log names", &c.http.port, 0, 65535});
  f.push_back({"http", "connections_max", "served at once; more wait", &c.http.connections_max, 8, 4096});
  f.push_back({"http", "request_seconds_max", "a slower client is cut off", &c.http.request_seconds_max, 1, 60});
  f.push_back({"http", "token_file",
               "who sends the word in it may post patches (POST /api/patches, Authorization: Bearer); \"\": nobody may",
               &c.http.token_file});
}

void add_programs(Fields& f, Config& c) {
  ProgramsConfig& p = c.programs;
  const char* t = "programs";
  f.push_back({t, "root", "relative paths are below it; \"\": the tree that this program was built in", &p.root});
  f.push_back({t, "explore", "the simulator's command; \"\" here and below: no such worker", &p.explore});
  f.push_back({t, "explore_linux", "the same on a kernel's own file; ./farm kernel builds it", &p.explore_linux});
  f.push_back({t, "explore_adopted",
               "the same on an allocator from elsewhere, whose name it has: ./farm adopt builds "
               "build/adopt/cmake/bin/rcufarm-NAME",
               &p.explore_adopted});
  f.push_back(
      {t, "canary",
       "builds with a planted mistake that has to be found again and again; they take turns; * stands for any name",
       &p.canary});
  f.push_back(
      {t, "libfuzzer_sim", "the simulated fuzz target, for libFuzzer; replay_sim stands beside it", &p.libfuzzer_sim});
  f.push_back({t, "libfuzzer_native", "the native one, under AddressSanitizer; replay_native stands beside it",
               &p.libfuzzer_native});
  f.push_back({t, "libfuzzer_native_tsan", "the same under ThreadSanitizer", &p.libfuzzer_native_tsan});
  f.push_back({t, "libfuzzer_adopted",
               "the fuzz target of the allocator that explore_adopted is of: ./farm adopt FOLDER --engines builds "
               "build/adopt/fuzz/bin/fuzz_sim-NAME, with replay_sim-NAME beside it",
               &p.libfuzzer_adopted});
  f.push_back({t, "afl_sim", "the simulated fuzz target, for AFL++", &p.afl_sim});
  f.push_back({t, "afl_native", "the native one", &p.afl_native});
  f.push_back({t, "afl_adopted", "the adopted allocator's: build/adopt/afl/bin/fuzz_sim-NAME", &p.afl_adopted});
  f.push_back({t, "stress_asan", "random scenarios on real threads; replay_native stands beside it", &p.stress_asan});
  f.push_back({t, "stress_tsan", "the same under ThreadSanitizer", &p.stress_tsan});
  f.push_back({t, "replay_native", "runs native regressions", &p.replay_native});
  f.push_back({t, "afl_fuzz", "AFL++ itself", &p.afl_fuzz});
  f.push_back({t, "afl_sim_mutator", "AFL++'s mutator for inputs of the simulator", &p.afl_sim_mutator});
  f.push_back({t, "afl_native_mutator", "and for native ones", &p.afl_native_mutator});
}

void add_shares(Fields& f, Config& c) {
  SharesConfig& s = c.shares;
  const char* t = "shares";
  f.push_back({t, "explore", "parts of the slots' time, relative to each other; 0: never", &s.explore, 0, share_most});
  f.push_back({t, "explore_linux", "", &s.explore_linux, 0, share_most});
  f.push_back({t, "explore_adopted", "", &s.explore_adopted, 0, share_most});
  f.push_back({t, "prove", "every small program, see [proof]", &s.prove, 0, share_most});
  f.push_back({t, "libfuzzer_sim", "", &s.libfuzzer_sim, 0, share_most});
  f.push_back({t, "libfuzzer_native", "", &s.libfuzzer_native, 0, share_most});
  f.push_back({t, "libfuzzer_native_tsan", "", &s.libfuzzer_native_tsan, 0, share_most});
  f.push_back({t, "libfuzzer_adopted", "", &s.libfuzzer_adopted, 0, share_most});
  f.push_back({t, "afl_sim", "", &s.afl_sim, 0, share_most});
  f.push_back({t, "afl_native", "", &s.afl_native, 0, share_most});
  f.push_back({t, "afl_adopted", "", &s.afl_adopted, 0, share_most});
  f.push_back({t, "stress_asan", "", &s.stress_asan, 0, share_most});
  f.push_back({t, "stress_tsan", "", &s.stress_tsan, 0, share_most});
  f.push_back({t, "regressions", "", &s.regressions, 0, share_most});
  f.push_back({t, "canary", "", &s.canary, 0, share_most});
}

void add_models(Fields& f, Config& c) {
  ModelsConfig& m = c.models;
  const char* t = "models";
  f.push_back({t, "sc", "parts of the explorers' stints by memory model, relative to each other; 0: never; all 0: sc",
               &m.sc, 0, model_share_most});
  f.push_back({t, "tso", "x86's store buffers", &m.tso, 0, model_share_most});
  f.push_back({t, "c11", "C++20's", &m.c11, 0, model_share_most});
  f.push_back({t, "kernel", "the Linux kernel's", &m.kernel, 0, model_share_most});
}

void add_proof(Fields& f, Config& c) {
  const char* t = "proof";
  f.push_back({t, "operations",
               "every program with at most so many operations is proven, smallest first; each one more is 16 times the "
               "programs",
               &c.proof.operations, 1, proof_most});
  f.push_back({t, "models", "memory models, each a proof of its own", &c.proof.models});
}

void add_work(Fields& f, Config& c) {
  StintsConfig& s = c.stints;
  f.push_back({"stints", "explore_seconds", "how long a worker has its slot", &s.explore_seconds, 1, day_seconds});
  f.push_back({"stints", "fuzz_seconds", "libFuzzer and AFL++", &s.fuzz_seconds, 5, day_seconds});
  f.push_back({"stints", "stress_seconds", "", &s.stress_seconds, 1, day_seconds});
  f.push_back(
      {"stints", "canary_seconds", "at most; it ends when the mistake is found", &s.canary_seconds, 1, day_seconds});
  f.push_back({"stints", "grace_seconds", "a worker that is so late hangs: a finding with its stacks", &s.grace_seconds,
               5, 3600});
  LimitsConfig& l = c.limits;
  f.push_back(
      {"limits", "memory_mb", "resident memory of a worker with all its children", &l.memory_mb, 64, 1U << 20U});
  f.push_back({"limits", "open_files", "of one process", &l.open_files, 64, 1U << 20U});
  f.push_back({"limits", "file_mb", "size of a file that a worker writes", &l.file_mb, 1, 1U << 20U});
  f.push_back({"limits", "input_seconds", "one input of a fuzz target", &l.input_seconds, 1, 3600});
  f.push_back({"limits", "disk_free_mb", "with less free space in the state folder no worker starts", &l.disk_free_mb,
               0, 1U << 20U});
  RestartConfig& r = c.restart;
  f.push_back(
      {"restart", "backoff_ms", "wait after a worker's failure; doubled each time", &r.backoff_ms, 1, 3'600'000});
  f.push_back({"restart", "backoff_ms_max", "", &r.backoff_ms_max, 1, 3'600'000});
  f.push_back({"restart", "crash_loop", "so many failures in a row park a kind of worker", &r.crash_loop, 1, 1000});
  f.push_back({"restart", "parked_seconds", "then it is tried again", &r.parked_seconds, 1, day_seconds});
}

void add_results(Fields& f, Config& c) {
  FindingsConfig& n = c.findings;
  f.push_back({"findings", "sim_replays", "a simulator finding is replayed so often, and has to reproduce each time",
               &n.sim_replays, 1, 100'000});
  f.push_back(
      {"findings", "native_replays", "replays of a native one; the rate is recorded", &n.native_replays, 1, 1000});
  f.push_back({"findings", "native_tries", "runs of the input in each of them, at most", &n.native_tries, 1, 100'000});
  f.push_back({"findings", "replay_seconds", "for each of these programs", &n.replay_seconds, 5, 3600});
  f.push_back({"canary", "every_seconds", "at least so long from one search for a planted mistake to the next",
               &c.canary.every_seconds, 0, day_seconds});
  f.push_back({"canary", "blind_seconds", "no canary found for so long: the farm says that it is blind",
               &c.canary.blind_seconds, 1, 30 * day_seconds});
  f.push_back({"notify", "url",
               "told of new, reopened and fixed findings, and of what is wrong with a farm, by POST; \"\": nobody",
               &c.notify.url});
  f.push_back({"notify", "secret_file", "what signs it (HMAC with SHA-256, header X-Rcufarm-Signature-256)",
               &c.notify.secret_file});
  ChangesConfig& g = c.changes;
  f.push_back({"changes", "seconds", "search of a posted patch, all models together; 0: this farm takes no changes",
               &g.seconds, 0, day_seconds});
  f.push_back(
      {"changes", "models", "memory models of these searches, the strongest first; they share the time", &g.models});
  f.push_back({"changes", "build_seconds", "for applying and building one", &g.build_seconds, 10, day_seconds});
  f.push_back({"changes", "poll_seconds", "between two looks at a watched branch", &g.poll_seconds, 1, day_seconds});
  f.push_back(
      {"changes", "folder", "whoever puts a patch into it submits it; \"\": patches in the state folder", &g.folder});
  f.push_back({"changes", "build_folder", "where they are built; \"\": in the state folder", &g.build_folder});
  f.push_back({"changes", "linux_tree",
               "a kernel's tree that patches of the kernel's file apply to; \"\": none is taken", &g.linux_tree});
  CorpusConfig& p = c.corpus;
  f.push_back({"corpus", "seeds", "folders with inputs of the native targets to start from", &p.seeds});
  f.push_back({"corpus", "regressions", "folder of inputs that failed once", &p.regressions});
  f.push_back(
      {"corpus", "entries_max", "of one target; the merge keeps what covers the same", &p.entries_max, 16, 10'000'000});
  f.push_back({"corpus", "mb_max", "of one target", &p.mb_max, 1, 1U << 20U});
  f.push_back({"corpus", "merge_minutes", "between two merges of a corpus", &p.merge_minutes, 1, 30 * 24 * 60});
}

}  // namespace

std::vector<ConfigField> watch_fields(WatchConfig& w) {
  Fields f;
  f.push_back(
      {"watch", "name", "on pages and in signatures; a patch whose target it is goes onto the branch", &w.name});
  f.push_back({"watch", "repository", "a path or a url that git fetches from", &w.repository});
  f.push_back({"watch", "branch", "", &w.branch});
  f.push_back({"watch", "paths", "only commits that touch one of them; []: all", &w.paths});
  f.push_back(
      {"watch", "target",
       "alloc, linux, or an adopted allocator: the folder of its rcufarm.toml in the repository, . for its root",
       &w.target});
  f.push_back({"watch", "seconds", "search of a commit, all models together", &w.seconds, 1, day_seconds});
  return f;
}

std::vector<ConfigField> config_fields(Config& config) {
  std::vector<ConfigField> fields;
  add_service(fields, config);
  add_programs(fields, config);
  add_shares(fields, config);
  add_models(fields, config);
  add_proof(fields, config);
  add_work(fields, config);
  add_results(fields, config);
  return fields;
}

}  // namespace rcufarm::stress
