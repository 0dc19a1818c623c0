// What the supervisor shows: the snapshot for the status page, and the gauges that are levels.
#include <sys/types.h>

#include <fmt/format.h>
#include <algorithm>

#include "stress/farm/supervisor.h"

namespace rcufarm::stress {

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
    LaneView view{name_of(lane),
                  state_of(b.restart, runs > 0, Clock::now()),
                  share_of(lane, config_.shares),
                  seconds,
                  b.stints,
                  b.executions,
                  0,
                  b.restart.failures()};
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

void Supervisor::read_findings() {
  next_findings_ = Clock::now() + findings_interval;
  findings_ = store_.findings();
  waiting_ = store_.waiting();
  metrics_.set_bugs(findings_);
  intake_.sync_counters();
}

void Supervisor::publish(bool stopping) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->node = place_.node;
  snapshot->revision = place_.revision;
  snapshot->state_folder = place_.state;
  snapshot->at = std::chrono::system_clock::now();
  snapshot->uptime_seconds = std::chrono::duration<double>(Clock::now() - began_).count();
  snapshot->stopping = stopping;
  snapshot->store_trouble = intake_.trouble();
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
  snapshot->config = to_toml(config_);
  try {
    if (Clock::now() >= next_findings_) read_findings();
    snapshot->findings = findings_;
    snapshot->waiting = waiting_;
  } catch (const StoreError& error) {
    snapshot->store_trouble = error.what();
  }
  metrics_.preflight_ok("store").Set(snapshot->store_trouble.empty() ? 1 : 0);
  add_canary(*snapshot);
  board_.publish(std::move(snapshot));
}

}  // namespace rcufarm::stress
