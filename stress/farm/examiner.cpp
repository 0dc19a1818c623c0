#include "stress/farm/examiner.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <functional>
#include <utility>
#include <vector>

namespace rcufarm::stress {

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

std::unique_ptr<Chore> Examiner::next(const Config& config) {
  if (busy_) return nullptr;
  if (const auto work = clerk_.take_work()) return chore_of(*work, config);
  std::vector<std::pair<std::string, std::string>> builds;
  for (const Lane lane : all_lanes) {
    const std::string build = builds_.of(config.resolve(program_of(lane, config.programs)));
    if (!build.empty()) builds.emplace_back(name_of(lane), build);
  }
  clerk_.want_work(std::move(builds));
  return nullptr;
}

std::unique_ptr<Chore> Examiner::chore_of(const ClaimedWork& work, const Config& config) {
  const Sighting& s = work.sighting;
  const auto lane = lane_named(work.recheck ? work.recheck->program : s.program);
  if (!lane) {
    if (!work.recheck) clerk_.write({DismissedEntry{s.key}});
    return nullptr;
  }
  // Another allocator had the lane before, of which this program says nothing. The claim runs out.
  const std::string& signature = work.recheck ? work.recheck->signature : s.signature;
  const std::string prefix = signature_prefix(*lane, config.programs);
  if (is_adopted(*lane) && !signature.empty() && signature.find(prefix) == std::string::npos) return nullptr;
  std::error_code error;
  std::filesystem::remove_all(folder_, error);
  std::filesystem::create_directories(folder_, error);
  const Exhibit exhibit{*lane,
                        work.recheck ? work.recheck->kind : s.kind,
                        work.recheck ? work.recheck->signature : s.signature,
                        work.input,
                        work.report,
                        folder_};
  Job::Finish finish = [this, s](const Examined& examined) { settle(s, examined); };
  if (work.recheck) {
    finish = [this, key = work.recheck->key, build = work.build](const Examined& examined) {
      settle_recheck(key, build, examined);
    };
  }
  return std::make_unique<Job>(*this, examine(exhibit, config), std::move(finish));
}

void Examiner::settle(const Sighting& sighting, const Examined& examined) {
  if (examined.finding.signature.empty()) {
    clerk_.write({DismissedEntry{sighting.key}});
    spdlog::info("an input that was running when its worker died shows nothing in {} tries", examined.tries);
    return;
  }
  found_ = true;
  Finding finding = examined.finding;
  finding.build = finding.checked_build = sighting.build;
  clerk_.write(
      {SettledEntry{sighting, finding, examined.evidence,
                    fmt::format("{} of {} replays", examined.hits, examined.tries), examined.accuse_ourselves}});
}

void Examiner::settle_recheck(const std::string& finding, const std::string& build, const Examined& examined) {
  if (examined.tries == 0) return;  // the program could not run
  found_ = found_ || examined.hits > 0;
  clerk_.write({CheckedEntry{finding, build, examined.tries, examined.hits}});
}

}  // namespace rcufarm::stress
