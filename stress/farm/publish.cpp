// What the supervisor shows: the snapshot for the status page, and the gauges that are levels.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "stress/farm/supervisor.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

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
                  .target = target_of(lane, config_.programs),
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
  const auto& counters = view_->counters;
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
    const auto last = view_->notes.find("defect " + view.name);
    if (last != view_->notes.end()) view.last = std::stoll(last->second);
    defects_.push_back(std::move(view));
  }
}

// What the clerk has read since.
void Supervisor::take_view() {
  const auto newest = clerk_.view();
  const bool is_new = newest != std::exchange(view_, newest);
  // Each farm of a store knows what is of all of them; one shows it, so that a sum over farms is right.
  metrics_.set_bugs(clerk_.leads() ? view_->bugs : std::vector<BugCount>{});
  metrics_.set_changes(clerk_.leads() ? view_->change_counts : std::vector<ChangeCount>{});
  metrics_.set_proofs(clerk_.leads() ? view_->proofs : std::vector<Proof>{});
  metrics_.leads().Set(clerk_.leads() ? 1 : 0);
  metrics_.journal_entries().Set(static_cast<double>(clerk_.owed()));
  if (!is_new) return;
  intake_.sync_counters();
  upkeep_.go_on(view_->notes);
  const auto last = view_->notes.find("canary_last_detection");
  if (last != view_->notes.end()) {
    metrics_.canary_last_detection().Set(std::max(metrics_.canary_last_detection().Value(), std::stod(last->second)));
  }
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
  take_view();
  snapshot->journal_trouble = intake_.trouble().empty() ? journal_trouble_ : intake_.trouble();
  snapshot->store_trouble = clerk_.trouble();
  snapshot->owed = clerk_.owed();
  snapshot->refused = clerk_.refused();
  snapshot->leads = clerk_.leads();
  snapshot->farms = view_->farms;
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
  snapshot->coverage = view_->coverage;
  snapshot->corpora = upkeep_.corpora();
  snapshot->reads_from_pairs = upkeep_.reads_from_pairs();
  snapshot->config = to_toml(config_);
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  snapshot->cpu_seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
  snapshot->resident_bytes_max = static_cast<std::uint64_t>(used.ru_maxrss) << 10U;
  snapshot->findings = view_->newest;
  snapshot->findings_all = view_->findings;
  snapshot->waiting = view_->waiting;
  snapshot->changes = view_->changes;
  snapshot->change_counts = view_->change_counts;
  snapshot->proofs = view_->proofs;
  snapshot->watch_troubles = changes_.watch_troubles();
  snapshot->takes_no_changes = Changes::cannot_build(config_);
  snapshot->defects = defects_;
  const bool takes = snapshot->store_trouble.empty() && snapshot->journal_trouble.empty();
  metrics_.preflight_ok("store").Set(takes ? 1 : 0);
  add_canary(*snapshot);
  snapshot->found = intake_.found() || examiner_.found();
  hooks.published(*snapshot);
  board_.publish(std::move(snapshot));
}

}  // namespace rcufarm::stress
