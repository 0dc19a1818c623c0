// libFuzzer on one target: it reads and writes the shared corpus, and ends at its first failure.
#include <fmt/format.h>
#include <sys/wait.h>

#include <csignal>

#include "session/engine.h"
#include "session/libfuzzer_log.h"
#include "session/seeds.h"
#include "session/signature.h"
#include "stress/store/sha256.h"
#include "stress/worker/corpus.h"
#include "stress/worker/mapped_page.h"
#include "stress/worker/works.h"
#include "targets/shown_input.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

constexpr unsigned input_bytes_max = 4096;
constexpr std::size_t trouble_bytes_max = 2000;

class LibfuzzerWork final : public Work {
 public:
  LibfuzzerWork(const Stint& stint, const WorkPlaces& places, const Config& config)
      : stint_(stint),
        folder_(places.folder),
        record_(places.record()),
        corpus_(places.state / "corpus" / corpus_of(stint.lane, config.programs)),
        config_(config) {}

  session::Command command() override {
    corpus_.make();
    session::Command command;
    command.set = session::sanitizer_environment();
    command.set.emplace_back(targets::input_page_variable, input_page());
    command.set.emplace_back(harness::record_variable, record_);
    command.arguments = {config_.resolve(program_of(stint_.lane, config_.programs)), corpus_.folder()};
    if (corpus_of(stint_.lane, config_.programs) == "native") {
      for (const auto& seeds : config_.corpus.seeds) {
        if (fs::is_directory(config_.resolve(seeds))) command.arguments.push_back(config_.resolve(seeds));
      }
    }
    for (const std::string& flag :
         {std::string("-print_final_stats=1"), std::string("-reload=1"),
          fmt::format("-artifact_prefix={}/", folder_.string()), fmt::format("-max_len={}", input_bytes_max),
          fmt::format("-rss_limit_mb={}", config_.limits.memory_mb),
          fmt::format("-timeout={}", config_.limits.input_seconds),
          fmt::format("-max_total_time={}", duration().count()),
          fmt::format("-seed={}", stint_.seed % 0x7fffffffU + 1)}) {
      command.arguments.push_back(flag);
    }
    return command;
  }

  std::chrono::seconds duration() const override { return std::chrono::seconds(config_.stints.fuzz_seconds); }
  void line(std::string_view text) override { log_.line(text); }

  void tick(Harvest& harvest) override {
    const session::Figures& figures = log_.figures();
    harvest.executions += figures.executions - counted_;
    counted_ = figures.executions;
    harvest.edges = figures.edges;
    harvest.edges_all = figures.edges_all;
  }

  Ended settle(int status, Harvest& harvest) override {
    tick(harvest);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return Ended::fine;
    const auto input = log_.failing_input();
    if (!input) {
      harvest.trouble = tail_of(log_.report(), trouble_bytes_max);
      return verdict_on(status, log_.report());
    }
    // In the corpus it would end each later start at once.
    session::remove_equal(corpus_.folder(), *input);
    const std::string name = input->filename();
    if (name.starts_with("timeout-") || name.starts_with("oom-")) {
      keep(*input);
      harvest.trouble = fmt::format("{} of {} kept in the state folder's kept/", name, name_of(stint_.lane));
      return name.starts_with("oom-") ? Ended::oom : Ended::timeout;
    }
    const harness::Finding finding = session::first_finding(harness::receive(record_), log_.report());
    harvest.catches.push_back(catch_of(finding, read_bytes(*input), log_.report()));
    harvest.catches.back().signature.insert(0, signature_prefix(stint_.lane, config_.programs));
    return Ended::finding;
  }

  std::vector<std::string> inputs_left() const override {
    std::vector<std::string> inputs;
    if (std::string input = shown_input(input_page()); !input.empty()) inputs.push_back(std::move(input));
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder_, none)) {
      if (entry.path().filename().string().starts_with("crash-")) inputs.push_back(read_bytes(entry.path()));
    }
    return inputs;
  }

 private:
  fs::path input_page() const { return folder_ / "input.page"; }

  // Inputs that ran too long or took too much: not findings, and worth a look. The newest of each kind.
  void keep(const fs::path& input) const {
    const fs::path kept = folder_.parent_path().parent_path() / "kept";
    std::error_code error;
    fs::create_directories(kept, error);
    const std::string name = input.filename();
    const std::string place = fmt::format("{}-{}", name_of(stint_.lane), name.substr(0, name.find('-')));
    fs::copy_file(input, kept / place, fs::copy_options::overwrite_existing, error);
  }

  const Stint stint_;
  const fs::path folder_;
  const fs::path record_;
  const Corpus corpus_;
  const Config config_;
  session::LibfuzzerLog log_;
  std::uint64_t counted_ = 0;
};

}  // namespace

std::unique_ptr<Work> make_libfuzzer_work(const Stint& stint, const WorkPlaces& places, const Config& config) {
  return std::make_unique<LibfuzzerWork>(stint, places, config);
}

}  // namespace rcufarm::stress
