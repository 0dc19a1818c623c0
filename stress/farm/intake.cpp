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
      store(waiting_.front(), config);
      std::error_code error;
      fs::remove_all(stint_folder(state_, waiting_.front().stint), error);
      waiting_.pop_front();
    }
    sync_counters();
    trouble_.clear();
  } catch (const StoreError& error) {
    if (trouble_.empty()) spdlog::error("{}. What workers find is kept until it can be stored", error.what());
    trouble_ = error.what();
  }
}

void Intake::store(const StintResult& result, const Config& config) {
  for (const Catch& caught : result.harvest.catches) store_catch(result, caught, config);
  for (const std::string& input : result.inputs_left) {
    Catch again;
    again.event = sha256_of({"left", name_of(result.stint.lane), input});
    again.input = input;
    store_catch(result, again, config);
  }
  if (result.stint.lane == Lane::canary && !result.stopped && result.ended == Ended::fine) count_canary(result);
}

void Intake::store_catch(const StintResult& result, const Catch& caught, const Config& config) {
  const Lane lane = result.stint.lane;
  Sighting sighting;
  sighting.key = caught.event.empty() ? sha256_of({result.stint.id, caught.signature}) : caught.event;
  sighting.engine = name_of(engine_of(lane));
  sighting.program = name_of(lane);
  sighting.build = builds_.of(config.resolve(program_of(lane, config.programs)));
  sighting.kind = caught.kind == oracle::Kind::none ? "" : name_of(caught.kind);
  sighting.signature = caught.signature;
  // Of a known one the store has an input and a report: another for each time it is met would fill the disk.
  const bool known = !caught.signature.empty() && store_.finding(finding_key(caught.signature)).has_value();
  if (!known && caught.input) sighting.input = store_.put_blob(*caught.input);
  if (!known && !caught.report.empty()) sighting.report = store_.put_blob(caught.report);
  sighting.seen = caught.seen;
  const Reported reported = store_.report(sighting);
  if (reported == Reported::repeated || caught.signature.empty()) return;
  found_ = true;
  spdlog::warn("{} {}: {}", reported == Reported::queued ? "found" : "found again", name_of(lane), caught.signature);
  if (!caught.leak) return;
  metrics_.count_leak(*caught.leak);
  if (engine_of(lane) == Engine::stress) metrics_.destroys(false).Increment();
}

void Intake::count_canary(const StintResult& result) {
  const bool found = result.harvest.canary_found;
  if (!store_.count_once("trial " + result.stint.id,
                         {"seeded_bug_trials_total", found ? "outcome=found" : "outcome=missed"}, 1)) {
    return;
  }
  const std::string defect = fs::path(result.stint.detail).filename();
  store_.count_once("defect " + result.stint.id, defect_counter(defect, found ? "found" : "missed"), 1);
  if (!found) {
    spdlog::warn("canary missed: {} in {:.0f} s", result.stint.detail, result.seconds);
    return;
  }
  metrics_.seeded_bug_duration().Observe(result.harvest.canary_seconds);
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  store_.count_once("defect time " + result.stint.id, defect_counter(defect, "milliseconds"),
                    static_cast<std::uint64_t>(result.harvest.canary_seconds * 1e3));
  store_.set_note("defect " + defect, std::to_string(now.count() * 1000));
  store_.set_note("canary_last_detection", std::to_string(now.count()));
  metrics_.canary_last_detection().Set(static_cast<double>(now.count()));
  store_.count_once("canary " + result.stint.id, {"canary_detections_total", ""}, 1);
}

void Intake::sync_counters() {
  for (const auto& [key, value] : store_.counters()) {
    const auto added = static_cast<double>(value - counted_[key]);
    counted_[key] = value;
    if (added == 0) continue;
    auto labels = labels_of(key.labels);
    if (key.name == "crashes_total") metrics_.count_crash(labels["kind"], labels["novelty"] == "new", added);
    if (key.name == "canary_detections_total") metrics_.canary_detections().Increment(added);
    if (key.name == "seeded_bug_trials_total")
      metrics_.seeded_bug_trials(labels["outcome"] == "found").Increment(added);
  }
}

}  // namespace rcufarm::stress
