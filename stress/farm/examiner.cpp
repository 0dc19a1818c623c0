#include "stress/farm/examiner.h"

#include <spdlog/spdlog.h>

#include <functional>

#include "oracle/kind.h"
#include "stress/store/sha256.h"

namespace rcufarm::stress {

namespace {

constexpr Milliseconds claim_time = 30 * 60 * 1000;

}  // namespace

// An examination that tells the examiner when it is over, done or not.
class Examiner::Job final : public Chore {
 public:
  using Finish = std::function<void(const Examined&)>;
  Job(Examiner& examiner, std::unique_ptr<Examination> inner, Finish finish)
      : examiner_(examiner), inner_(std::move(inner)), finish_(std::move(finish)) {
    examiner_.busy_ = true;
  }
  ~Job() override { examiner_.busy_ = false; }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  std::string name() const override { return inner_->name(); }
  std::chrono::seconds time_max() const override { return inner_->time_max(); }
  void done(int status, const std::string& output) override { inner_->done(status, output); }

  std::optional<session::Command> next() override {
    auto command = inner_->next();
    if (command) return command;
    try {
      finish_(inner_->result());
    } catch (const StoreError& error) {
      spdlog::error("{}. It is examined again later", error.what());  // its claim runs out
    }
    return std::nullopt;
  }

 private:
  Examiner& examiner_;
  std::unique_ptr<Examination> inner_;
  Finish finish_;
};

Examiner::Examiner(Store& store, Builds& builds, std::filesystem::path folder, std::string owner)
    : store_(store), builds_(builds), folder_(std::move(folder)), owner_(std::move(owner)) {}

Examiner::~Examiner() {
  try {
    store_.release_claims(owner_);
  } catch (const StoreError& error) {
    spdlog::warn("{}; claims run out by themselves", error.what());
  }
}

Exhibit Examiner::exhibit(Lane lane, const std::string& kind, const std::string& signature, const std::string& input,
                          const std::string& report) const {
  std::error_code error;
  std::filesystem::remove_all(folder_, error);
  std::filesystem::create_directories(folder_, error);
  return {lane,
          kind,
          signature,
          input.empty() ? std::nullopt : store_.blob(input),
          report.empty() ? "" : store_.blob(report).value_or(""),
          folder_};
}

std::unique_ptr<Chore> Examiner::next(const Config& config) {
  if (busy_) return nullptr;
  if (auto chore = next_sighting(config)) return chore;
  return next_recheck(config);
}

std::unique_ptr<Chore> Examiner::next_sighting(const Config& config) {
  const auto claimed = store_.claim(owner_, claim_time);
  if (!claimed) return nullptr;
  const Sighting& s = *claimed;
  const auto lane = lane_named(s.program);
  if (!lane) {
    store_.dismiss(s);
    return nullptr;
  }
  return std::make_unique<Job>(*this, examine(exhibit(*lane, s.kind, s.signature, s.input, s.report), store_, config),
                               [this, s](const Examined& examined) { settle(s, examined, s.build); });
}

void Examiner::settle(const Sighting& sighting, const Examined& examined, const std::string& build) {
  if (examined.finding.signature.empty()) {
    store_.dismiss(sighting);
    spdlog::info("an input that was running when its worker died shows nothing in {} tries", examined.tries);
    return;
  }
  found_ = true;
  Finding finding = examined.finding;
  finding.build = finding.checked_build = build;
  const bool is_new = store_.settle(sighting, finding);
  spdlog::warn("{} finding {}: {} ({} of {} replays)", is_new ? "new" : "known",
               finding_key(finding.signature).substr(0, 12), finding.signature, examined.hits, examined.tries);
  if (!examined.accuse_ourselves) return;
  Sighting ours = sighting;
  ours.key = sha256_of({"nondeterministic", sighting.key});
  ours.kind = name_of(oracle::Kind::nondeterminism);
  ours.signature = ours.kind + ": " + finding.signature;
  Finding accusation = finding;
  accusation.kind = ours.kind;
  accusation.signature = ours.signature;
  if (store_.report(ours) == Reported::queued) store_.settle(ours, accusation);
}

std::unique_ptr<Chore> Examiner::next_recheck(const Config& config) {
  for (const Finding& f : store_.findings()) {
    const auto lane = lane_named(f.program);
    if (!lane || f.input.empty()) continue;
    const std::string build = builds_.of(config.resolve(program_of(*lane, config.programs)));
    if (build.empty() || build == f.checked_build || !checked_.insert(f.key + build).second) continue;
    return std::make_unique<Job>(*this, examine(exhibit(*lane, f.kind, f.signature, f.input, f.report), store_, config),
                                 [this, f, build](const Examined& examined) { settle_recheck(f, examined, build); });
  }
  return nullptr;
}

void Examiner::settle_recheck(const Finding& finding, const Examined& examined, const std::string& build) {
  if (examined.tries == 0) return;  // the program could not run
  found_ = found_ || examined.hits > 0;
  store_.checked(finding.key, build, examined.tries, examined.hits);
  spdlog::warn("finding {} on build {}: {} of {} replays show it", finding.key.substr(0, 12), build, examined.hits,
               examined.tries);
}

}  // namespace rcufarm::stress
