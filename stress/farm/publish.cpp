// What the supervisor shows: the snapshot for the status page, and the gauges that are levels.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

#include "stress/farm/supervisor.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds findings_interval{5};

std::string state_of(const Restart& restart, bool running, Supervisor::Clock::time_point now) {
  if (running) return "running";
  switch (restart.state(now)) {
    case Restart::State::backoff: return "backoff";
    case Restart::State::parked: return "parked";
    case Restart::State::ready: return "stopped";
  }
  return "stopped";
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

std::vector<LaneView> Supervisor::lane_views() {
  std::vector<LaneView> views;
  for (const Lane lane : all_lanes) {
    const LaneBooks& b = books(lane);
    const auto runs =
        std::ranges::count_if(slots_, [&](const auto& s) { return s->stint() != nullptr && s->stint()->lane == lane; });
    double seconds = rotation_.seconds(lane);
    for (const auto& slot : slots_) {
      if (slot->stint() != nullptr && slot->stint()->lane == lane) seconds += slot->seconds();
    }
    LaneView view{.name = name_of(lane),
                  .state = state_of(b.restart, runs > 0, Clock::now()),
                  .can_run = b.available,
                  .being_built = b.being_built,
                  .share = program_of(lane, config_.programs).empty() ? 0 : share_of(lane, config_.shares),
                  .seconds = seconds,
                  .stints = b.stints,
                  .executions = b.executions,
                  .schedules = b.schedules,
                  .edges = upkeep_.edges(lane),
                  .edges_all = upkeep_.edges_all(lane),
                  .restarts = b.restarts,
                  .resident_bytes_max = b.resident_bytes_max};
    if (seconds > 0) view.rate = static_cast<double>(b.executions) / seconds;
    views.push_back(std::move(view));
  }
  return views;
}

void Supervisor::add_canary(Snapshot& snapshot) const {
  const double last = metrics_.canary_last_detection().Value();
  const double now = std::chrono::duration<double>(snapshot.at.time_since_epoch()).count();
  snapshot.canary_found = static_cast<std::uint64_t>(metrics_.seeded_bug_trials(true).Value());
  snapshot.canary_missed = static_cast<std::uint64_t>(metrics_.seeded_bug_trials(false).Value());
  if (last > 0) snapshot.canary_ago_seconds = std::max(0.0, now - last);
  const double since = last > 0 ? snapshot.canary_ago_seconds : snapshot.uptime_seconds;
  snapshot.blind = share_of(Lane::canary, config_.shares) > 0 && since > config_.canary.blind_seconds;
}

// Searches for each planted mistake, over all runs on this store.
void Supervisor::read_defects() {
  defects_.clear();
  const auto counters = store_.counters();
  const auto counted = [&](const std::string& name, const char* what) {
    const auto found = counters.find(defect_counter(name, what));
    return found == counters.end() ? 0 : found->second;
  };
  for (const std::string& program : canaries_there(config_)) {
    DefectView view{.name = fs::path(program).filename()};
    view.found = counted(view.name, "found");
    view.missed = counted(view.name, "missed");
    if (view.found > 0) {
      view.seconds_mean =
          static_cast<double>(counted(view.name, "milliseconds")) / 1e3 / static_cast<double>(view.found);
    }
    const std::string last = store_.note("defect " + view.name);
    if (!last.empty()) view.last = std::stoll(last);
    defects_.push_back(std::move(view));
  }
}

void Supervisor::read_findings() {
  next_findings_ = Clock::now() + findings_interval;
  findings_ = store_.findings();
  waiting_ = store_.waiting();
  metrics_.set_bugs(findings_);
  intake_.sync_counters();
  read_defects();
}

void Supervisor::publish(const FarmHooks& hooks, bool stopping) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->node = place_.node;
  snapshot->revision = place_.revision;
  snapshot->state_folder = place_.state;
  snapshot->at = std::chrono::system_clock::now();
  snapshot->uptime_seconds = std::chrono::duration<double>(Clock::now() - began_).count();
  snapshot->stopping = stopping;
  snapshot->store_trouble = intake_.trouble().empty() ? store_trouble_ : intake_.trouble();
  snapshot->cannot_run = why_nothing_starts();
  for (const auto& slot : slots_) {
    snapshot->slots.push_back(
        {slot->number(), slot->doing(), slot->is_free() ? 0 : slot->seconds(), slot->resident_bytes()});
  }
  snapshot->lanes = lane_views();
  for (unsigned i = 0; i < worker_states.size(); ++i) {
    const auto count =
        std::ranges::count_if(snapshot->lanes, [&](const LaneView& l) { return l.state == worker_states[i]; });
    metrics_.workers(i).Set(static_cast<double>(count));
  }
  snapshot->checks = checks_;
  snapshot->coverage = coverage_;
  snapshot->corpora = upkeep_.corpora();
  snapshot->reads_from_pairs = upkeep_.reads_from_pairs();
  snapshot->config = to_toml(config_);
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  snapshot->cpu_seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
  snapshot->resident_bytes_max = static_cast<std::uint64_t>(used.ru_maxrss) << 10U;
  try {
    if (Clock::now() >= next_findings_) read_findings();
    snapshot->findings = findings_;
    snapshot->waiting = waiting_;
    snapshot->defects = defects_;
  } catch (const StoreError& error) {
    snapshot->store_trouble = error.what();
  }
  metrics_.preflight_ok("store").Set(snapshot->store_trouble.empty() ? 1 : 0);
  add_canary(*snapshot);
  snapshot->found = intake_.found() || examiner_.found();
  hooks.published(*snapshot);
  board_.publish(std::move(snapshot));
}

}  // namespace rcufarm::stress
