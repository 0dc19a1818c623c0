// A part of a proof: small programs one after another, or what is left of one.
#include <sys/wait.h>

#include <fmt/format.h>

#include "harness/sim/proof_part.h"
#include "stress/store/blobs.h"
#include "stress/worker/works.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t output_bytes_max = std::size_t{1} << 20U;
constexpr std::size_t trouble_bytes_max = 2000;

class ProveWork final : public Work {
 public:
  ProveWork(const Stint& stint, const WorkPlaces& places, const Config& config)
      : stint_(stint),
        part_(places.folder / "part.json"),
        findings_(places.folder / "findings"),
        record_(places.record()),
        config_(config) {}

  session::Command command() override {
    write_durably(part_, stint_.part ? stint_.part->text : "");
    session::Command command;
    command.set = {{harness::record_variable, record_}};
    command.arguments = {config_.resolve(program_of(stint_.lane, config_.programs)),
                         "prove",
                         "--part",
                         part_,
                         "--seconds",
                         fmt::format("{}", duration().count()),
                         "--findings",
                         findings_};
    return command;
  }

  std::chrono::seconds duration() const override { return std::chrono::seconds(config_.stints.explore_seconds); }
  void line(std::string_view text) override {
    if (output_.size() < output_bytes_max) output_.append(text).push_back('\n');
  }
  void tick(Harvest& /*harvest*/) override {}  // it saves what it has, and tells at its end

  // However it ended: what it saved is right.
  Ended settle(int status, Harvest& harvest) override {
    const harness::Received received = harness::receive(record_);
    if (received.record) {
      for (const harness::Finding& finding : received.record->findings)
        harvest.catches.push_back(catch_of(finding, read_bytes(finding.file), finding.diagram));
    }
    if (std::string gain = read_bytes(part_.string() + ".gain"); !gain.empty() && stint_.part)
      take(std::move(gain), harvest);
    if (!harvest.catches.empty()) return Ended::finding;
    harvest.trouble = received.trouble.empty() ? tail_of(output_, trouble_bytes_max) : received.trouble;
    if (!received.trouble.empty()) return Ended::exit;
    const Ended ended = verdict_on(status, output_);
    if (ended != Ended::crash) return ended;
    harvest.catches.push_back({.event = "",
                               .kind = oracle::Kind::crash,
                               .signature = "crash: rcufarm prove " + session::describe_status(status),
                               .input = "# rcufarm prove --part: " + (stint_.part ? stint_.part->text : "\n"),
                               .report = output_,
                               .seen = 1});
    return Ended::finding;
  }

 private:
  void take(std::string gain, Harvest& harvest) const {
    const auto read = harness::proof_gain_from_text(gain);
    const auto* told = std::get_if<harness::ProofGain>(&read);
    if (told == nullptr) return;
    if (const auto* row = std::get_if<harness::RowGain>(&told->what)) {
      harvest.executions += row->executions + (row->begun ? row->begun->figures.executions : 0);
    } else {
      harvest.executions += std::get<harness::FrontierGain>(told->what).figures.executions;
    }
    harvest.gain = GainEntry{stint_.part->name, std::move(gain)};
  }

  const Stint stint_;
  const fs::path part_;
  const fs::path findings_;
  const fs::path record_;
  const Config config_;
  std::string output_;
};

}  // namespace

std::unique_ptr<Work> make_prove_work(const Stint& stint, const WorkPlaces& places, const Config& config) {
  return std::make_unique<ProveWork>(stint, places, config);
}

}  // namespace rcufarm::stress
