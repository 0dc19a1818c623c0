#include "stress/farm/clerk.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <random>
#include <tuple>

namespace rcufarm::stress {

namespace {

constexpr Milliseconds claim_time = 30 * 60 * 1000;
constexpr Milliseconds change_time = 2 * 60 * 60 * 1000;  // builds and bisections
// A leader that dies is followed after so long; while it lives it says so thrice in that time.
constexpr Milliseconds lead_time = 30'000;
constexpr std::chrono::seconds place_interval{10};
// Of a few farms each reads what pages show so often; of many, less often: so many reads a second are theirs together.
constexpr std::chrono::milliseconds read_interval_least{5'000};
constexpr std::chrono::milliseconds read_interval_per_farm{100};
constexpr Milliseconds alive = 60'000;
constexpr std::chrono::minutes curves_interval{1};
constexpr std::chrono::hours prune_interval{1};
constexpr std::chrono::milliseconds idle_time{200};
constexpr std::chrono::milliseconds pause_first{500};
constexpr std::chrono::milliseconds pause_most{10'000};
constexpr std::chrono::seconds end_time_max{3};
constexpr std::chrono::seconds interrupt_after{2};
constexpr std::chrono::seconds recheck_interval{60};
constexpr std::size_t delivered_at_once = 64;
constexpr std::size_t newest_count = 50;
constexpr std::size_t newest_changes = 20;
// Of a branch, that a finding's first commit is looked for among.
constexpr std::size_t branch_length_max = 200;
constexpr std::size_t open_max = 50;
// Who looks at a branch does so as long as it lives.
constexpr Milliseconds look_time = 15 * 60 * 1000;
constexpr std::size_t points_max = 300;
constexpr Milliseconds day = 24 * 60 * 60 * 1000;

constexpr const char* met_note = "store met";

}  // namespace

Clerk::Clerk(Place place, Journal& journal, CorpusShare& corpora)
    : place_(std::move(place)), journal_(journal), corpora_(corpora) {
  try {
    open();
    step();
  } catch (const StoreAway& error) {
    if (journal_.note(met_note) != place_.store.url || place_.store.url.empty()) throw;
    fail(error.what());
  }
  thread_ = std::thread([this] { work(); });
}

Clerk::~Clerk() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  {
    // A server that took a request and does not answer is not waited for.
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, end_time_max + interrupt_after, [&] { return over_; }) && store_) store_->interrupt();
  }
  thread_.join();
}

void Clerk::open() {
  auto store = open_store(place_.store);
  if (const std::string health = store->check(); health != "ok") {
    throw StoreError(fmt::format("the store in {} is damaged: {}. Restore a backup, or begin anew with another --state",
                                 place_.store.state.string(), health));
  }
  store->attend(place_.instance);
  // What an earlier run of this farm had claimed: it is dead, as the state folder's lock says.
  if (!attended_) store->release_claims(place_.instance);
  attended_ = true;
  journal_.set_note(met_note, place_.store.url);
  const std::lock_guard lock(mutex_);
  store_ = std::move(store);
}

void Clerk::write(const std::vector<Entry>& entries) {
  journal_.append(entries);
  changed_.notify_all();
}

void Clerk::keep_samples(std::map<std::string, double> levels) {
  const std::lock_guard lock(mutex_);
  levels_ = std::move(levels);
}

void Clerk::want_work(std::vector<std::pair<std::string, std::string>> builds) {
  {
    const std::lock_guard lock(mutex_);
    if (wanted_ || claimed_) return;
    wanted_ = std::move(builds);
  }
  changed_.notify_all();
}

std::optional<ClaimedWork> Clerk::take_work() {
  const std::lock_guard lock(mutex_);
  return std::exchange(claimed_, std::nullopt);
}

void Clerk::want_change(std::vector<ChangeKind> kinds, std::vector<ChangeKind> due) {
  {
    const std::lock_guard lock(mutex_);
    if (wanted_change_ || claimed_change_) return;
    wanted_change_.emplace(std::move(kinds), std::move(due));
  }
  changed_.notify_all();
}

std::optional<ClaimedChange> Clerk::take_change() {
  const std::lock_guard lock(mutex_);
  return std::exchange(claimed_change_, std::nullopt);
}

void Clerk::keep_watches(std::vector<std::string> names) {
  const std::lock_guard lock(mutex_);
  watches_ = std::move(names);
}

void Clerk::want_part(ProofAsk ask, std::chrono::milliseconds duration) {
  {
    const std::lock_guard lock(mutex_);
    if (wanted_part_ || claimed_part_) return;
    wanted_part_.emplace(std::move(ask), duration);
  }
  changed_.notify_all();
}

std::optional<ClaimedPart> Clerk::take_part() {
  const std::lock_guard lock(mutex_);
  return std::exchange(claimed_part_, std::nullopt);
}

std::shared_ptr<const StoreView> Clerk::view() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

void Clerk::refresh(std::chrono::milliseconds time_max) {
  std::unique_lock lock(mutex_);
  read_asked_ = true;
  const std::uint64_t before = reads_;
  changed_.notify_all();
  changed_.wait_for(lock, time_max, [&] { return reads_ > before && journal_.entries() == 0; });
}

std::string Clerk::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

bool Clerk::leads() const {
  const std::lock_guard lock(mutex_);
  return Clock::now() < leads_until_;
}

void Clerk::fail(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (trouble_.empty()) spdlog::error("{}. What is found waits in the journal", why);
  trouble_ = why;
  pause_ = std::min(pause_most, pause_.count() == 0 ? pause_first : pause_ * 2);
}

void Clerk::work() {
  std::mt19937 random(std::random_device{}());
  Clock::time_point end = Clock::time_point::max();
  for (;;) {
    bool more = false;
    try {
      if (!store_) open();
      more = step();
    } catch (const StoreError& error) {
      fail(error.what());
    }
    std::unique_lock lock(mutex_);
    if (stop_ && end == Clock::time_point::max()) end = Clock::now() + end_time_max;
    if (stop_ && (!more || Clock::now() >= end)) break;
    if (more) continue;
    // Many farms that lost one server do not come back all at once.
    const auto pause =
        pause_.count() == 0
            ? idle_time
            : pause_ / 2 + std::chrono::milliseconds(static_cast<int>(random() % 1000) * pause_.count() / 1000);
    const auto wakes = [&] {
      return stop_ || (pause_.count() == 0 && (read_asked_ || wanted_ || wanted_change_ || wanted_part_));
    };
    changed_.wait_for(lock, pause, wakes);
  }
  try {
    if (store_ && trouble().empty()) store_->release_claims(place_.instance);
  } catch (const StoreError& error) {
    spdlog::warn("{}; claims run out by themselves", error.what());
  }
  const std::lock_guard lock(mutex_);
  over_ = true;
  changed_.notify_all();
}

// True: there is more to do at once.
bool Clerk::step() {
  if (Clock::now() >= next_place_) take_place();
  const bool more = deliver_some();
  find_work();
  find_change();
  find_part();
  bool asked = false;
  {
    const std::lock_guard lock(mutex_);
    asked = std::exchange(read_asked_, false);
  }
  if (asked || Clock::now() >= next_read_) read();
  const std::lock_guard lock(mutex_);
  if (!trouble_.empty()) spdlog::info("the store takes what it is given again");
  trouble_.clear();
  pause_ = {};
  return more;
}

bool Clerk::deliver_some() {
  const auto owed = journal_.oldest(delivered_at_once);
  std::int64_t done = 0;
  try {
    for (const Journal::Owed& one : owed) {
      const auto entry = decode(one.bytes);
      try {
        if (!entry) throw StoreRefused("another program wrote it");
        deliver(*entry, *store_);
        may_wait_ = may_wait_ || std::holds_alternative<SightingEntry>(*entry);
        done = one.number;
      } catch (const StoreRefused& error) {
        spdlog::error("{}. It stays in {}", error.what(), (place_.store.state / "journal.sqlite").string());
        journal_.refused(one.number, error.what());
      }
    }
  } catch (...) {
    if (done > 0) journal_.delivered(done);
    throw;
  }
  if (done > 0) journal_.delivered(done);
  return owed.size() == delivered_at_once;
}

void Clerk::take_place() {
  store_->attend(place_.instance);
  const auto asked = Clock::now();
  const bool leads = store_->hold("leader", place_.instance, lead_time);
  {
    const std::lock_guard lock(mutex_);
    // From before it was asked: at no moment do two lead.
    leads_until_ = leads ? asked + std::chrono::milliseconds(lead_time) : Clock::time_point{};
  }
  keep_watches();
  corpora_.exchange(*store_, leads);
  if (leads && Clock::now() >= next_prune_) {
    next_prune_ = Clock::now() + prune_interval;
    store_->prune();
  }
  next_place_ = Clock::now() + place_interval;
}

void Clerk::keep_watches() {
  std::optional<std::vector<std::string>> watches;
  {
    const std::lock_guard lock(mutex_);
    watches = watches_;
  }
  if (!watches) return;
  if (watches != watches_told_) store_->set_watches(*watches);
  watches_told_ = std::move(watches);
  if (!leads()) return;
  if (const std::uint64_t dropped = store_->drop_unwatched(); dropped > 0)
    spdlog::info("dropped {} commits that waited for a watch which no farm has any more", dropped);
}

void Clerk::read() {
  auto view = std::make_shared<StoreView>();
  view->newest = store_->findings({.count_max = newest_count});
  view->bugs = store_->bugs();
  for (const BugCount& bugs : view->bugs) view->findings += bugs.all;
  view->waiting = store_->waiting();
  view->counters = store_->counters();
  view->notes = store_->notes();
  view->farms = store_->farms();
  view->changes = store_->changes(std::nullopt, 0, newest_changes);
  view->change_counts = store_->change_counts();
  view->proofs = store_->proofs();
  view->coverage = this->view()->coverage;
  if (Clock::now() >= next_curves_) {
    next_curves_ = Clock::now() + curves_interval;
    std::map<std::string, double> levels;
    {
      const std::lock_guard lock(mutex_);
      levels = levels_;
    }
    view->coverage.clear();
    for (const auto& [series, level] : levels) {
      store_->add_sample(series, level);
      auto all = store_->samples(series, 0, points_max);
      const Milliseconds end = all.empty() ? 0 : all.back().at;
      const bool is_long = !all.empty() && end - all.front().at > 2 * day;
      view->coverage.push_back({series, std::move(all)});
      // Every n-th of many days says little about the last hours.
      if (is_long) view->coverage.push_back({series + ", last day", store_->samples(series, end - day, points_max)});
    }
  }
  may_wait_ = may_wait_ || view->waiting > 0;
  next_read_ = Clock::now() + read_interval(*view);
  {
    const std::lock_guard lock(mutex_);
    view_ = std::move(view);
    ++reads_;
  }
  changed_.notify_all();
}

std::chrono::milliseconds Clerk::read_interval(const StoreView& view) const {
  const auto farms = std::ranges::count_if(view.farms, [](const FarmSeen& farm) { return farm.ago < alive; });
  return leads() ? read_interval_least : std::max(read_interval_least, read_interval_per_farm * farms);
}

void Clerk::find_work() {
  std::vector<std::pair<std::string, std::string>> builds;
  {
    const std::lock_guard lock(mutex_);
    if (!wanted_ || stop_) return;
    builds = *wanted_;
  }
  std::optional<ClaimedWork> found;
  if (may_wait_) {
    auto sighting = store_->claim(place_.instance, claim_time);
    may_wait_ = sighting.has_value();
    if (sighting) found = with_bytes({.sighting = std::move(*sighting)});
  }
  // Builds change seldom: without a new one, old findings are asked for each minute.
  const bool rechecks = !found && (builds != rechecked_ || Clock::now() >= next_recheck_);
  if (rechecks) {
    rechecked_ = builds;
    next_recheck_ = Clock::now() + recheck_interval;
  }
  for (const auto& [program, build] : builds) {
    if (found || !rechecks) break;
    if (auto finding = store_->claim_recheck(program, build, place_.instance, claim_time)) {
      found = with_bytes({.sighting = {}, .recheck = std::move(finding), .build = build});
      next_recheck_ = {};  // there may be more
    }
  }
  const std::lock_guard lock(mutex_);
  wanted_.reset();
  claimed_ = std::move(found);
}

void Clerk::find_change() {
  std::vector<ChangeKind> kinds;
  std::vector<ChangeKind> due;
  {
    const std::lock_guard lock(mutex_);
    if (!wanted_change_ || stop_) return;
    std::tie(kinds, due) = *wanted_change_;
  }
  std::optional<ClaimedChange> found;
  for (const ChangeKind& watch : due) {
    if (!store_->hold("watch " + watch.source, place_.instance, look_time)) continue;
    const auto known = store_->changes(watch.source, 0, branch_length_max);
    found.emplace();
    found->look = watch.source;
    if (!known.empty()) found->place = known.front().place;
    // For another target it begins anew.
    const auto newest = std::ranges::find(known, watch.target, &Change::target);
    if (newest != known.end()) found->since = newest->name;
    break;
  }
  if (!found) {
    if (auto change = store_->claim_change(kinds, place_.instance, change_time))
      found = with_branch(std::move(*change));
  }
  const std::lock_guard lock(mutex_);
  wanted_change_.reset();
  claimed_change_ = std::move(found);
}

void Clerk::find_part() {
  std::optional<std::pair<ProofAsk, std::chrono::milliseconds>> wanted;
  {
    const std::lock_guard lock(mutex_);
    if (!wanted_part_ || stop_) return;
    wanted = wanted_part_;
  }
  auto part = store_->claim_part(wanted->first, place_.instance, wanted->second.count());
  const std::lock_guard lock(mutex_);
  wanted_part_.reset();
  claimed_part_ = std::move(part);
}

ClaimedChange Clerk::with_branch(Change change) {
  ClaimedChange claimed;
  if (!change.content.empty()) claimed.content = store_->blobs().get(change.content).value_or("");
  if (!change.source.empty()) {
    for (Change& one : store_->changes(change.source, 0, branch_length_max)) {
      const bool is_before = one.place <= change.place && one.target == change.target && one.state != "dropped";
      if (is_before) claimed.branch.push_back(std::move(one));
    }
    for (Blame& blame : store_->open_blames(change.source)) {
      if (claimed.open.size() == open_max) break;
      const auto finding = store_->finding(blame.finding);
      if (!finding || finding->input.empty()) continue;
      claimed.open.push_back({std::move(blame), finding->signature, store_->blobs().get(finding->input).value_or("")});
    }
  }
  claimed.change = std::move(change);
  return claimed;
}

ClaimedWork Clerk::with_bytes(ClaimedWork work) {
  const std::string& input = work.recheck ? work.recheck->input : work.sighting.input;
  const std::string& report = work.recheck ? work.recheck->report : work.sighting.report;
  if (!input.empty()) work.input = store_->blobs().get(input);
  if (!report.empty()) work.report = store_->blobs().get(report).value_or("");
  return work;
}

}  // namespace rcufarm::stress
