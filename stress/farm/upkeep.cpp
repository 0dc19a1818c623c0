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
constexpr std::array merging_lanes = {Lane::libfuzzer_sim, Lane::libfuzzer_native, Lane::libfuzzer_adopted};

// libFuzzer keeps what covers the same.
class Merge final : public Chore {
 public:
  Merge(Lane lane, const Config& config, const fs::path& state, CorpusShare& share)
      : share_(share),
        program_(config.resolve(program_of(lane, config.programs))),
        corpus_(state / "corpus" / corpus_of(lane, config.programs)),
        merged_(state / "merge" / corpus_of(lane, config.programs)) {}

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
    if (complete) {
      corpus_.replace_by(merged_);
      share_.merged(corpus_.folder().filename());
    }
    spdlog::info(
        "{}: {} inputs, {}", name(), before.entries,
        complete ? fmt::format("{} cover the same", after.entries) : std::string("not finished, nothing removed"));
    std::error_code error;
    fs::remove_all(merged_, error);
  }

 private:
  CorpusShare& share_;
  const fs::path program_;
  const Corpus corpus_;
  const fs::path merged_;
  bool began_ = false;
};

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

Upkeep::Upkeep(Clerk& clerk, CorpusShare& corpora, Metrics& metrics, fs::path state, Time now)
    : clerk_(clerk), share_(corpora), metrics_(metrics), state_(std::move(state)) {
  for (const Lane lane : merging_lanes) next_merge_[lane] = now;
}

void Upkeep::go_on(const std::map<std::string, std::string>& notes) {
  const auto note = [&](const std::string& name) {
    const auto found = notes.find(name);
    return found == notes.end() ? std::string() : found->second;
  };
  for (const char* signal : {"edges", "reads_from"}) {
    const std::string since = note(std::string("last_new_coverage ") + signal);
    if (!since.empty()) metrics_.last_new_coverage(signal).Set(std::stod(since));
  }
  for (const Lane lane : all_lanes) {
    const std::string edges = note(fmt::format("edges {}", name_of(lane)));
    const std::string all = note(fmt::format("edges_all {}", name_of(lane)));
    // Of another build they are other edges.
    if (edges_all_[lane] != 0 && !all.empty() && std::stoull(all) != edges_all_[lane]) continue;
    if (!edges.empty()) edges_[lane] = std::max<std::uint64_t>(edges_[lane], std::stoull(edges));
    if (!all.empty()) edges_all_[lane] = std::stoull(all);
  }
  const std::string pairs = note("reads_from_pairs");
  if (!pairs.empty()) reads_from_pairs_ = std::max<std::uint64_t>(reads_from_pairs_, std::stoull(pairs));
}

std::unique_ptr<Chore> Upkeep::due(const Config& config, Time now) {
  if (share_.shared() && !clerk_.leads()) return nullptr;
  for (const Lane lane : merging_lanes) {
    Time& next = next_merge_[lane];
    const bool can_run =
        fs::exists(config.resolve(program_of(lane, config.programs))) && share_of(lane, config.shares) > 0;
    if (now < next || !can_run || Corpus(state_ / "corpus" / corpus_of(lane, config.programs)).size().entries == 0)
      continue;
    next = now + std::chrono::minutes(config.corpus.merge_minutes);
    return std::make_unique<Merge>(lane, config, state_, share_);
  }
  return nullptr;
}

void Upkeep::minute(const Config& config, std::map<std::string, double> levels) {
  for (const std::string& target : corpora_of(config.programs)) {
    const Corpus shared(state_ / "corpus" / target);
    const unsigned removed = shared.prune(config.corpus.entries_max, std::uint64_t{config.corpus.mb_max} << 20U);
    if (removed > 0) spdlog::info("corpus {}: {} inputs removed, its limits are reached", target, removed);
    const CorpusSize size = corpora_[target] = shared.size();
    metrics_.corpus_entries(Engine::libfuzzer, target).Set(static_cast<double>(size.entries));
    metrics_.corpus_bytes(Engine::libfuzzer, target).Set(static_cast<double>(size.bytes));
    const Corpus queue(afl_folder(state_, target) / afl_main / "queue");
    metrics_.corpus_entries(Engine::afl, target).Set(static_cast<double>(queue.size().entries));
    metrics_.corpus_bytes(Engine::afl, target).Set(static_cast<double>(queue.size().bytes));
  }
  for (const auto& [lane, edges] : edges_) {
    if (edges > 0) levels[fmt::format("edges {}", name_of(lane))] = static_cast<double>(edges);
  }
  if (reads_from_pairs_ > 0) levels["reads_from_pairs"] = static_cast<double>(reads_from_pairs_);
  clerk_.keep_samples(std::move(levels));
}

void Upkeep::coverage(Lane lane, const Harvest& harvest) {
  if (harvest.edges_all > 0 && harvest.edges_all != edges_all_[lane]) {
    // Another build: its edges are other ones.
    edges_[lane] = 0;
    edges_all_[lane] = harvest.edges_all;
    clerk_.write({NotedEntry{fmt::format("edges_all {}", name_of(lane)), std::to_string(harvest.edges_all)}});
  }
  if (harvest.edges > 0) {
    if (harvest.edges > edges_[lane]) {
      edges_[lane] = harvest.edges;
      clerk_.write({NotedEntry{fmt::format("edges {}", name_of(lane)), std::to_string(harvest.edges)}});
      grew("edges");
    }
    metrics_.coverage_edges(lane).Set(static_cast<double>(edges_[lane]));
    if (harvest.edges_all > 0) metrics_.coverage_instrumented(lane).Set(static_cast<double>(harvest.edges_all));
  }
  if (harvest.reads_from_pairs > reads_from_pairs_) {
    reads_from_pairs_ = harvest.reads_from_pairs;
    clerk_.write({NotedEntry{"reads_from_pairs", std::to_string(reads_from_pairs_)}});
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
  clerk_.write({NotedEntry{std::string("last_new_coverage ") + signal, fmt::format("{:.0f}", now)}});
}

}  // namespace rcufarm::stress
