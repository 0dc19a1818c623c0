// AFL++ on one target: it resumes its own queue and gives back what it found. The main instance reads the shared corpus as a
// foreign queue (AFL++ lets no other do so); secondary ones get it from the main one.
#include <fmt/format.h>
#include <sys/wait.h>

#include <csignal>
#include <optional>

#include "session/afl_stats.h"
#include "session/seeds.h"
#include "session/statsd_socket.h"
#include "session/text.h"
#include "stress/store/sha256.h"
#include "stress/worker/corpus.h"
#include "stress/worker/mapped_page.h"
#include "stress/worker/works.h"
#include "targets/shown_input.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

constexpr unsigned input_bytes_max = 4096;
constexpr std::size_t trouble_bytes_max = 400;
constexpr std::size_t log_bytes_max = std::size_t{256} << 10U;

std::string line_after(std::string_view text, std::string_view key) {
  const auto at = text.find(key);
  if (at == std::string_view::npos) return "";
  const auto rest = text.substr(at + key.size());
  const auto colon = rest.find(':');
  return std::string(session::trimmed(rest.substr(colon + 1, rest.find('\n') - colon - 1)));
}

class AflWork final : public Work {
 public:
  AflWork(const Stint& stint, const WorkPlaces& places, const Config& config)
      : stint_(stint),
        folder_(places.folder),
        out_(afl_folder(places.state, target_of(stint.lane, config.programs))),
        instance_(stint.detail.empty() ? afl_main : stint.detail),
        corpus_(places.state / "corpus" / corpus_of(stint.lane, config.programs)),
        config_(config),
        began_(fs::file_time_type::clock::now()) {
    if (const auto before = session::parse_fuzzer_stats(read_bytes(own() / "fuzzer_stats")))
      counted_ = before->executions;
  }

  session::Command command() override {
    const auto milliseconds = std::chrono::milliseconds(std::chrono::seconds(config_.limits.input_seconds)).count();
    const bool native = corpus_of(stint_.lane, config_.programs) == "native";
    corpus_.make();
    std::error_code error;
    fs::create_directories(out_.parent_path(), error);  // its absence is AFL++'s to tell
    prepare_seeds(native);
    session::Command command;
    command.signal_if_session_dies = SIGTERM;  // so that it ends its fork server, which is in a session of its own
    command.unset = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"};
    command.set = {{"AFL_NO_UI", "1"},
                   {"AFL_SKIP_CPUFREQ", "1"},
                   {"AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES", "1"},
                   {"AFL_NO_AFFINITY", "1"},
                   {"AFL_AUTORESUME", "1"},
                   // A stint can be over before the instance would ask the others for inputs by itself.
                   {"AFL_IMPORT_FIRST", "1"},
                   {"AFL_HANG_TMOUT", fmt::format("{}", milliseconds)},
                   {targets::input_page_variable, folder_ / "input.page"}};
    if (statsd_.port()) {
      command.set.emplace_back("AFL_STATSD", "1");
      command.set.emplace_back("AFL_STATSD_HOST", "127.0.0.1");
      command.set.emplace_back("AFL_STATSD_PORT", fmt::format("{}", *statsd_.port()));
    }
    const auto mutator =
        config_.resolve(native ? config_.programs.afl_native_mutator : config_.programs.afl_sim_mutator);
    if (fs::exists(mutator)) command.set.emplace_back("AFL_CUSTOM_MUTATOR_LIBRARY", fs::absolute(mutator));
    command.arguments = {config_.programs.afl_fuzz, instance_ == afl_main ? "-M" : "-S", instance_};
    if (instance_ == afl_main) command.arguments.insert(command.arguments.end(), {"-F", corpus_.folder()});
    command.arguments.insert(command.arguments.end(),
                             {"-i", folder_ / "seeds", "-o", out_, "-m", "none", "-t", fmt::format("{}", milliseconds),
                              "-G", fmt::format("{}", input_bytes_max), "-V", fmt::format("{}", duration().count()),
                              "--", config_.resolve(program_of(stint_.lane, config_.programs))});
    return command;
  }

  std::chrono::seconds duration() const override { return std::chrono::seconds(config_.stints.fuzz_seconds); }
  void line(std::string_view text) override {
    if (log_.size() < log_bytes_max) log_.append(text).push_back('\n');
    if (auto reason = session::abort_reason(text)) trouble_ = *reason;
    if (const auto seed = session::failing_seed(text)) keep_seed(*seed);
  }

  void tick(Harvest& harvest) override {
    statsd_.read_packets([&](std::string_view packet) { update_from_statsd(packet, figures_); });
    harvest_figures(harvest);
  }

  Ended settle(int status, Harvest& harvest) override {
    const std::string stats = read_bytes(own() / "fuzzer_stats");
    if (const auto written = session::parse_fuzzer_stats(stats)) figures_ = *written;
    if (const std::string stability = line_after(stats, "stability"); !stability.empty()) {
      harvest.stability = std::strtod(stability.c_str(), nullptr) / 100;
    }
    harvest_figures(harvest);
    corpus_.add_newer(own() / "queue", began_, input_bytes_max);
    for (const std::string& input : inputs_left()) {
      // The signature is its replay's to tell.
      harvest.catches.push_back({.event = sha256_of({"afl", name_of(stint_.lane), input}),
                                 .signature = "",
                                 .input = input,
                                 .report = "",
                                 .seen = 1});
    }
    if (!harvest.catches.empty()) return Ended::finding;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return Ended::fine;
    harvest.trouble = trouble_.empty() ? tail_of(log_, trouble_bytes_max) : trouble_;
    return verdict_on(status, log_);
  }

  // What it saved as failing.
  std::vector<std::string> inputs_left() const override {
    take_failures();
    std::vector<std::string> inputs;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder_ / "failures", none))
      inputs.push_back(read_bytes(entry.path()));
    return inputs;
  }

 private:
  fs::path own() const { return out_ / instance_; }

  // One that fails before AFL++ begins is not among its crashes.
  void keep_seed(const std::string& name) const {
    std::error_code error;
    fs::create_directories(folder_ / "failures", error);
    fs::copy_file(folder_ / "seeds" / name, folder_ / "failures" / name, fs::copy_options::overwrite_existing, error);
  }

  // From AFL++'s folder into the stint's, which goes when the store has them: taken in once, and not kept for ever.
  void take_failures() const {
    std::error_code error;
    fs::create_directories(folder_ / "failures", error);
    for (const auto& crashes : fs::directory_iterator(own(), error)) {
      const std::string name = crashes.path().filename();
      if (!name.starts_with("crashes")) continue;
      for (const auto& entry : fs::directory_iterator(crashes.path(), error)) {
        const std::string input = entry.path().filename();
        if (input.starts_with("id:")) fs::rename(entry.path(), folder_ / "failures" / (name + "." + input), error);
      }
    }
  }

  void harvest_figures(Harvest& harvest) {
    if (figures_.executions > counted_) harvest.executions += figures_.executions - counted_;
    counted_ = std::max(counted_, figures_.executions);
    harvest.edges = figures_.edges;
    harvest.edges_all = figures_.edges_all;
  }

  void prepare_seeds(bool native) const {
    std::vector<fs::path> from;
    if (native) {
      for (const auto& seeds : config_.corpus.seeds) {
        if (fs::is_directory(config_.resolve(seeds))) from.push_back(config_.resolve(seeds));
      }
    }
    // Its error is AFL++'s to tell: it finds no seeds then.
    if (const auto error = session::prepare_seeds(from, folder_ / "seeds", input_bytes_max)) return;
  }

  const Stint stint_;
  const fs::path folder_;
  const fs::path out_;
  const std::string instance_;
  const Corpus corpus_;
  const Config config_;
  const fs::file_time_type began_;
  session::StatsdSocket statsd_;
  session::Figures figures_;
  std::uint64_t counted_ = 0;
  std::string log_;
  std::string trouble_;
};

}  // namespace

std::unique_ptr<Work> make_afl_work(const Stint& stint, const WorkPlaces& places, const Config& config) {
  return std::make_unique<AflWork>(stint, places, config);
}

}  // namespace rcufarm::stress
