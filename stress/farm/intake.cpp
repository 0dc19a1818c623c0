#include "stress/farm/intake.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "stress/store/sha256.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t waiting_max = 10'000;

// "kind=leak,novelty=new"
std::map<std::string, std::string> labels_of(const std::string& text) {
  std::map<std::string, std::string> labels;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    const auto equals = text.find('=', at);
    if (equals < end) labels[text.substr(at, equals - at)] = text.substr(equals + 1, end - equals - 1);
    at = end + 1;
  }
  return labels;
}

}  // namespace

CounterKey defect_counter(const std::string& program, const char* what) {
  return {"defect_trials", fmt::format("defect={},what={}", program, what)};
}

void Intake::take(StintResult result, const Config& config) {
  if (waiting_.size() < waiting_max) waiting_.push_back(std::move(result));
  retry(config);
}

void Intake::retry(const Config& config) {
  try {
    while (!waiting_.empty()) {
      const StintResult& result = waiting_.front();
      const auto entries = entries_of(result, config);
      clerk_.write(entries);
      count(result, entries);
      std::error_code error;
      fs::remove_all(stint_folder(state_, result.stint), error);
      waiting_.pop_front();
    }
    if (!trouble_.empty()) clerk_.try_journal();
    trouble_.clear();
  } catch (const StoreError& error) {
    if (trouble_.empty()) spdlog::error("{}. What workers find is kept until it can be stored", error.what());
    trouble_ = error.what();
  }
}

std::vector<Entry> Intake::entries_of(const StintResult& result, const Config& config) const {
  std::vector<Entry> entries;
  for (const Catch& caught : result.harvest.catches) entries.emplace_back(entry_of(result, caught, config));
  for (const std::string& input : result.inputs_left) {
    Catch again;
    again.event = sha256_of({"left", name_of(result.stint.lane), input});
    again.input = input;
    entries.emplace_back(entry_of(result, again, config));
  }
  // One that was built anew meanwhile has explored nothing for this proof.
  if (result.harvest.gain &&
      builds_.of(config.resolve(program_of(result.stint.lane, config.programs))) == result.stint.part->build)
    entries.emplace_back(*result.harvest.gain);
  if (result.stint.lane != Lane::canary || result.stopped || result.ended != Ended::fine) return entries;
  const bool found = result.harvest.canary_found;
  const std::string& id = result.stint.id;
  const std::string defect = fs::path(result.stint.detail).filename();
  const auto counted = [&](const char* what, CounterKey counter, std::uint64_t n) {
    entries.emplace_back(CountedEntry{what + id, std::move(counter), n});
  };
  counted("trial ", {"seeded_bug_trials_total", found ? "outcome=found" : "outcome=missed"}, 1);
  counted("defect ", defect_counter(defect, found ? "found" : "missed"), 1);
  if (!found) return entries;
  counted("defect time ", defect_counter(defect, "milliseconds"),
          static_cast<std::uint64_t>(result.harvest.canary_seconds * 1e3));
  counted("canary ", {"canary_detections_total", ""}, 1);
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  entries.emplace_back(NotedEntry{"defect " + defect, std::to_string(now.count() * 1000)});
  entries.emplace_back(NotedEntry{"canary_last_detection", std::to_string(now.count())});
  return entries;
}

SightingEntry Intake::entry_of(const StintResult& result, const Catch& caught, const Config& config) const {
  const Lane lane = result.stint.lane;
  SightingEntry entry;
  Sighting& sighting = entry.sighting;
  sighting.key = caught.event.empty() ? sha256_of({result.stint.id, caught.signature}) : caught.event;
  sighting.engine = name_of(engine_of(lane));
  // What a proof finds is as what its program finds otherwise.
  sighting.program = name_of(lane == Lane::prove ? Lane::explore : lane);
  sighting.build = builds_.of(config.resolve(program_of(lane, config.programs)));
  sighting.kind = caught.kind == oracle::Kind::none ? "" : name_of(caught.kind);
  sighting.signature = caught.signature;
  sighting.seen = caught.seen;
  // Bytes of each time that one is met would fill the disk.
  if (caught.signature.empty() || !known_.contains(caught.signature)) {
    entry.evidence.input = caught.input;
    entry.evidence.report = caught.report;
  }
  return entry;
}

// What the journal has taken.
void Intake::count(const StintResult& result, const std::vector<Entry>& entries) {
  constexpr std::size_t remembered_max = 100'000;
  if (met_.size() > remembered_max) met_.clear();
  if (known_.size() > remembered_max) known_.clear();
  for (std::size_t i = 0; i < result.harvest.catches.size(); ++i) {
    const Catch& caught = result.harvest.catches[i];
    if (caught.signature.empty()) continue;
    found_ = true;
    known_.insert(caught.signature);
    if (!met_.insert(std::get<SightingEntry>(entries[i]).sighting.key).second || !caught.leak) continue;
    metrics_.count_leak(*caught.leak);
    if (engine_of(result.stint.lane) == Engine::stress) metrics_.destroys(false).Increment();
  }
  if (result.stint.lane != Lane::canary || result.stopped || result.ended != Ended::fine) return;
  if (!result.harvest.canary_found) {
    spdlog::warn("canary missed: {} in {:.0f} s", result.stint.detail, result.seconds);
    return;
  }
  metrics_.seeded_bug_duration().Observe(result.harvest.canary_seconds);
  metrics_.canary_last_detection().Set(
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count());
}

void Intake::sync_counters() {
  for (const auto& [key, value] : clerk_.view()->counters) {
    if (value <= counted_[key]) continue;  // a view that was read before
    const auto added = static_cast<double>(value - counted_[key]);
    counted_[key] = value;
    auto labels = labels_of(key.labels);
    if (key.name == "crashes_total") metrics_.count_crash(labels["kind"], labels["novelty"] == "new", added);
    if (key.name == "canary_detections_total") metrics_.canary_detections().Increment(added);
    if (key.name == "seeded_bug_trials_total")
      metrics_.seeded_bug_trials(labels["outcome"] == "found").Increment(added);
  }
}

}  // namespace rcufarm::stress
