#include "stress/farm/upkeep.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>

#include "session/engine.h"
#include "stress/farm/programs.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds merge_time_max{300};
constexpr unsigned prune_every_minutes = 60;
constexpr std::array<Lane, 2> merging_lanes = {Lane::libfuzzer_sim, Lane::libfuzzer_native};

// libFuzzer keeps what covers the same.
class Merge final : public Chore {
 public:
  Merge(Lane lane, const Config& config, const fs::path& state)
      : program_(config.resolve(program_of(lane, config.programs))),
        corpus_(state / "corpus" / corpus_of(lane)),
        merged_(state / "merge" / corpus_of(lane)) {}

  std::string name() const override { return "merging " + corpus_.folder().filename().string(); }
  std::chrono::seconds time_max() const override { return merge_time_max; }

  std::optional<session::Command> next() override {
    if (began_) return std::nullopt;
    began_ = true;
    std::error_code error;
    fs::remove_all(merged_, error);
    fs::create_directories(merged_, error);
    session::Command command;
    command.set = session::sanitizer_environment();
    command.arguments = {program_, "-merge=1", merged_, corpus_.folder()};
    return command;
  }

  void done(int status, const std::string& /*output*/) override {
    const CorpusSize before = corpus_.size();
    const CorpusSize after = Corpus(merged_).size();
    const bool complete = status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 && after.entries > 0;
    // Half a merge would lose coverage: the corpus stays as it is.
    if (complete) corpus_.replace_by(merged_);
    spdlog::info(
        "{}: {} inputs, {}", name(), before.entries,
        complete ? fmt::format("{} cover the same", after.entries) : std::string("not finished, nothing removed"));
    std::error_code error;
    fs::remove_all(merged_, error);
  }

 private:
  const fs::path program_;
  const Corpus corpus_;
  const fs::path merged_;
  bool began_ = false;
};

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

Upkeep::Upkeep(Store& store, Metrics& metrics, fs::path state, Time now)
    : store_(store), metrics_(metrics), state_(std::move(state)) {
  for (const Lane lane : merging_lanes) next_merge_[corpus_of(lane)] = now;
  for (const char* signal : {"edges", "reads_from"}) {
    const std::string since = store_.note(std::string("last_new_coverage ") + signal);
    if (!since.empty()) metrics_.last_new_coverage(signal).Set(std::stod(since));
  }
  // Levels go on from where they were: a restart finds nothing new.
  for (const Lane lane : all_lanes) {
    const std::string edges = store_.note(fmt::format("edges {}", name_of(lane)));
    if (!edges.empty()) edges_[lane] = std::stoull(edges);
    const std::string all = store_.note(fmt::format("edges_all {}", name_of(lane)));
    if (!all.empty()) edges_all_[lane] = std::stoull(all);
  }
  const std::string pairs = store_.note("reads_from_pairs");
  if (!pairs.empty()) reads_from_pairs_ = std::stoull(pairs);
}

std::unique_ptr<Chore> Upkeep::due(const Config& config, Time now) {
  for (const Lane lane : merging_lanes) {
    Time& next = next_merge_[corpus_of(lane)];
    const bool can_run =
        fs::exists(config.resolve(program_of(lane, config.programs))) && share_of(lane, config.shares) > 0;
    if (now < next || !can_run || Corpus(state_ / "corpus" / corpus_of(lane)).size().entries == 0) continue;
    next = now + std::chrono::minutes(config.corpus.merge_minutes);
    return std::make_unique<Merge>(lane, config, state_);
  }
  return nullptr;
}

void Upkeep::minute(const Config& config) {
  for (const char* target : {"sim", "native"}) {
    const Corpus shared(state_ / "corpus" / target);
    const unsigned removed = shared.prune(config.corpus.entries_max, std::uint64_t{config.corpus.mb_max} << 20U);
    if (removed > 0) spdlog::info("corpus {}: {} inputs removed, its limits are reached", target, removed);
    const CorpusSize size = corpora_[target] = shared.size();
    metrics_.corpus_entries(Engine::libfuzzer, target).Set(static_cast<double>(size.entries));
    metrics_.corpus_bytes(Engine::libfuzzer, target).Set(static_cast<double>(size.bytes));
    const Corpus queue(state_ / "afl" / fmt::format("afl_{}", target) / "main" / "queue");
    metrics_.corpus_entries(Engine::afl, target).Set(static_cast<double>(queue.size().entries));
    metrics_.corpus_bytes(Engine::afl, target).Set(static_cast<double>(queue.size().bytes));
  }
  for (const auto& [lane, edges] : edges_)
    store_.add_sample(fmt::format("edges {}", name_of(lane)), static_cast<double>(edges));
  if (reads_from_pairs_ > 0) store_.add_sample("reads_from_pairs", static_cast<double>(reads_from_pairs_));
  if (++minutes_ % prune_every_minutes == 0) store_.prune();
}

void Upkeep::coverage(Lane lane, const Harvest& harvest) {
  if (harvest.edges_all > 0 && harvest.edges_all != edges_all_[lane]) {
    // Another build: its edges are other ones.
    edges_[lane] = 0;
    edges_all_[lane] = harvest.edges_all;
    store_.set_note(fmt::format("edges_all {}", name_of(lane)), std::to_string(harvest.edges_all));
  }
  if (harvest.edges > 0) {
    if (harvest.edges > edges_[lane]) {
      edges_[lane] = harvest.edges;
      store_.set_note(fmt::format("edges {}", name_of(lane)), std::to_string(harvest.edges));
      grew("edges");
    }
    metrics_.coverage_edges(lane).Set(static_cast<double>(edges_[lane]));
    if (harvest.edges_all > 0) metrics_.coverage_instrumented(lane).Set(static_cast<double>(harvest.edges_all));
  }
  if (harvest.reads_from_pairs > reads_from_pairs_) {
    reads_from_pairs_ = harvest.reads_from_pairs;
    store_.set_note("reads_from_pairs", std::to_string(reads_from_pairs_));
    grew("reads_from");
  }
  metrics_.reads_from_pairs().Set(static_cast<double>(reads_from_pairs_));
}

std::uint64_t Upkeep::edges(Lane lane) const {
  const auto found = edges_.find(lane);
  return found == edges_.end() ? 0 : found->second;
}

std::uint64_t Upkeep::edges_all(Lane lane) const {
  const auto found = edges_all_.find(lane);
  return found == edges_all_.end() ? 0 : found->second;
}

void Upkeep::grew(const char* signal) {
  const double now = now_seconds();
  metrics_.last_new_coverage(signal).Set(now);
  store_.set_note(std::string("last_new_coverage ") + signal, fmt::format("{:.0f}", now));
}

}  // namespace rcufarm::stress
