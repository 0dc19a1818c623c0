#include "stress/farm/supervisor.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <thread>
#include <utility>

#include "session/host.h"
#include "stress/config/models.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::milliseconds loop_interval{50};
constexpr std::chrono::seconds stop_time_max{5};
constexpr std::chrono::seconds chore_interval{1};
constexpr std::chrono::seconds preflight_interval{5};
constexpr std::chrono::seconds view_time_max{3};
constexpr std::chrono::seconds part_interval{2};

std::string random_id(std::mt19937_64& random) { return fmt::format("{:016x}{:016x}", random(), random()); }

std::mt19937_64 seeded_random() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device()};
  return std::mt19937_64(seed);
}

}  // namespace

unsigned slots_of(const Config& config) { return config.farm.slots == 0 ? session::usable_cpus() : config.farm.slots; }

Supervisor::Supervisor(const FarmPlace& place, const Config& config, Clerk& clerk, CorpusShare& corpora,
                       Metrics& metrics, SnapshotBoard& board)
    : place_(place),
      config_(config),
      clerk_(clerk),
      metrics_(metrics),
      board_(board),
      intake_(clerk, metrics, builds_, place.state),
      examiner_(clerk, builds_, place.state / "examination"),
      upkeep_(clerk, corpora, metrics, place.state, Clock::now() + std::chrono::minutes(config.corpus.merge_minutes)),
      changes_(clerk, place.state),
      random_(seeded_random()) {}

void Supervisor::run(const FarmHooks& hooks, std::chrono::seconds duration) {
  session::adopt_orphans();
  recover();
  run_preflight();
  publish(hooks, false);
  while (!hooks.stop_asked() && (duration.count() == 0 || Clock::now() - began_ < duration)) {
    if (auto changed = hooks.new_config()) {
      config_ = std::move(*changed);
      run_preflight();
      spdlog::info("configuration read again; workers that run end their stint with the old one");
    }
    poll_slots();
    fill_slots();
    if (Clock::now() >= next_second_) every_second(hooks);
    if (Clock::now() >= next_preflight_) run_preflight();
    if (Clock::now() >= next_minute_) every_minute();
    std::this_thread::sleep_for(loop_interval);
  }
  stop_all();
  clerk_.refresh(view_time_max);  // what came last, too
  publish(hooks, true);
}

// What a killed farm was at: nothing of it is lost and nothing counted twice, since events have their stint's name.
void Supervisor::recover() {
  if (const unsigned killed = kill_left_over(place_.state); killed > 0) {
    spdlog::warn("killed {} processes that an earlier farm had left running", killed);
  }
  std::error_code error;
  fs::remove_all(place_.state / "tmp", error);
  fs::create_directories(place_.state / "tmp", error);
  for (const Stint& stint : saved_stints(place_.state)) {
    StintResult result;
    result.stint = stint;
    result.ended = Ended::exit;
    result.stopped = true;
    const auto work = make_work(stint, {stint_folder(place_.state, stint), place_.state}, config_);
    result.inputs_left = work->inputs_left();
    if (stint.lane == Lane::prove) work->settle(0, result.harvest);  // what it had saved
    spdlog::info("{} was interrupted: {}", name_of(stint.lane),
                 explores(stint.lane)        ? "its schedules run again"
                 : stint.lane == Lane::prove ? "it goes on where it was saved last"
                                             : fmt::format("{} inputs run again", result.inputs_left.size()));
    intake_.take(std::move(result), config_);
    run_again(stint);
  }
  take_view();
}

// An explorer's schedules follow from its seed: they are its input. Once, or one that takes too much memory would never end.
void Supervisor::run_again(const Stint& stint) {
  const bool known = std::ranges::find(strategy_names, std::string_view(stint.detail)) != strategy_names.end();
  if (explores(stint.lane) && known && ran_again_.insert(stint.id).second) again_.push_back(stint);
}

void Supervisor::poll_slots() {
  for (const auto& slot : slots_) {
    Harvest harvest;
    auto result = slot->poll(harvest, metrics_);
    if (const Stint* stint = slot->stint()) take_harvest(*stint, harvest);
    if (result) take_result(std::move(*result));
  }
}

void Supervisor::take_harvest(const Stint& stint, const Harvest& harvest) {
  metrics_.executions(stint.lane).Increment(static_cast<double>(harvest.executions));
  books(stint.lane).executions += harvest.executions;
  books(stint.lane).schedules += harvest.schedules;
  if (explores(stint.lane)) {
    metrics_.schedules(stint.detail, stint.model).Increment(static_cast<double>(harvest.schedules));
  }
  if (harvest.stability >= 0) metrics_.afl_stability(stint.lane).Set(harvest.stability);
  try {
    upkeep_.coverage(stint.lane, harvest);
  } catch (const StoreError& error) {
    spdlog::warn("{}", error.what());
  }
}

void Supervisor::take_result(StintResult result) {
  take_harvest(result.stint, result.harvest);
  ++books(result.stint.lane).stints;
  rotation_.served(result.stint.lane, result.seconds);
  judge(result);
  if (result.ended == Ended::oom) run_again(result.stint);
  intake_.take(std::move(result), config_);
}

// A finding is no failure of the worker's. Anything else that ended it is counted by why, and it waits before it starts again.
void Supervisor::judge(const StintResult& result) {
  Restart& restart = books(result.stint.lane).restart;
  if (result.ended == Ended::fine || result.ended == Ended::finding || result.stopped) return restart.succeeded();
  metrics_.restarts(result.ended).Increment();
  ++books(result.stint.lane).restarts;
  const char* name = name_of(result.stint.lane);
  spdlog::warn("{} ended after {:.1f} s: {}. {}", name, result.seconds, name_of(result.ended), result.harvest.trouble);
  if (result.ended == Ended::missing) {
    restart.park(Clock::now(), config_.restart);
    return;
  }
  const double chance = std::uniform_real_distribution<double>()(random_);
  if (restart.failed(Clock::now(), config_.restart, chance)) {
    spdlog::error("{} failed {} times in a row and is parked for {} s", name, config_.restart.crash_loop,
                  config_.restart.parked_seconds);
  }
}

void Supervisor::fill_slots() {
  while (slots_.size() < slots_of(config_)) {
    slots_.push_back(std::make_unique<Slot>(static_cast<unsigned>(slots_.size()), place_.state));
  }
  for (const auto& slot : slots_) {
    if (!slot->is_free() || slot->number() >= slots_of(config_)) continue;
    if (auto chore = next_chore()) {
      slot->start(std::move(chore), config_);
      continue;
    }
    const auto stint = next_stint();
    if (!stint) return;
    try {
      save_stint(place_.state, *stint);
      slot->start(*stint, config_);
    } catch (const StoreError& error) {
      spdlog::error("{}", error.what());
      metrics_.restarts(Ended::resource).Increment();
      disk_refused_ = true;
      books(stint->lane).restart.failed(Clock::now(), config_.restart, 0.5);
      return;
    }
  }
}

std::unique_ptr<Chore> Supervisor::next_chore() {
  if (Clock::now() < next_chore_) return nullptr;
  next_chore_ = Clock::now() + chore_interval;
  try {
    if (auto chore = examiner_.next(config_)) return chore;
    if (auto chore = changes_.next(config_)) return chore;
  } catch (const StoreError& error) {
    spdlog::error("{}", error.what());
  }
  return upkeep_.due(config_, Clock::now());
}

bool Supervisor::may_run(Lane lane) {
  const LaneBooks& b = books(lane);
  if (!b.available || b.restart.state(Clock::now()) != Restart::State::ready) return false;
  if (lane == Lane::canary && Clock::now() < next_canary_) return false;
  if (lane == Lane::prove && !part_ && Clock::now() < next_part_) return false;
  // The one row of regressions is for one worker at a time.
  return lane != Lane::regressions || !is_at_work(lane, std::nullopt);
}

// Of a lane, with any detail or with that one.
bool Supervisor::is_at_work(Lane lane, const std::optional<std::string>& detail) const {
  return std::ranges::any_of(slots_, [&](const auto& s) {
    return s->stint() != nullptr && s->stint()->lane == lane && (!detail || s->stint()->detail == *detail);
  });
}

// AFL++'s folders are for one worker at a time: the first that is free.
std::string Supervisor::free_afl_instance(Lane lane) const {
  std::string name = afl_main;
  for (unsigned n = 1; is_at_work(lane, name); ++n) name = fmt::format("second-{}", n);
  return name;
}

std::optional<Stint> Supervisor::next_stint() {
  if (!why_nothing_starts().empty() || !journal_trouble_.empty() || !intake_.trouble().empty()) return std::nullopt;
  if (!again_.empty() && may_run(again_.front().lane)) {
    Stint stint = std::move(again_.front());
    again_.pop_front();
    return stint;
  }
  look_for_part();
  const auto next = [this] { return rotation_.pick(config_.shares, [this](Lane l) { return may_run(l); }); };
  auto lane = next();
  if (lane == Lane::prove && !part_) {
    ask_for_part();
    lane = next();
  }
  if (!lane) return std::nullopt;
  return new_stint(*lane);
}

// What the clerk has claimed. While it waits for its turn it is nobody else's: one that waited too long is left to others.
void Supervisor::look_for_part() {
  if (auto part = clerk_.take_part()) {
    part_ = std::move(part);
    part_came_ = Clock::now();
  }
  const std::chrono::seconds stint(config_.stints.explore_seconds + config_.stints.grace_seconds);
  if (part_ && Clock::now() - part_came_ > stint) part_.reset();
}

// It comes later. A claim lasts for the wait and the stint.
void Supervisor::ask_for_part() {
  next_part_ = Clock::now() + part_interval;
  ProofAsk ask{.program = name_of(Lane::explore),
               .build = builds_.of(config_.resolve(program_of(Lane::prove, config_.programs))),
               .models = config_.proof.models,
               .operations_max = config_.proof.operations};
  const auto turn = static_cast<std::ptrdiff_t>(parts_asked_++ % ask.models.size());
  std::rotate(ask.models.begin(), ask.models.begin() + turn, ask.models.end());
  clerk_.want_part(std::move(ask),
                   2 * std::chrono::seconds(config_.stints.explore_seconds + config_.stints.grace_seconds));
}

Stint Supervisor::new_stint(Lane lane) {
  const std::size_t number = details_[lane];
  Stint stint{random_id(random_), lane, random_() >> 1U, next_detail(lane)};
  if (lane == Lane::prove) {
    stint.part = std::exchange(part_, std::nullopt);
    stint.model = stint.part->model;
    stint.detail = fmt::format("{} operations, {}", stint.part->operations, stint.model);
    next_part_ = {};
  }
  if (explores(lane)) stint.model = model_of_stint(config_.models, number, strategy_names.size());
  return stint;
}

std::string Supervisor::next_detail(Lane lane) {
  const std::size_t number = details_[lane]++;
  if (lane == Lane::canary) next_canary_ = Clock::now() + std::chrono::seconds(config_.canary.every_seconds);
  switch (lane) {
    case Lane::explore:
    case Lane::explore_linux:
    case Lane::explore_adopted: return std::string(strategy_names[number % strategy_names.size()]);
    case Lane::canary: {
      const auto there = canaries_there(config_);
      return there.empty() ? program_of(lane, config_.programs) : there[number % there.size()];
    }
    case Lane::regressions: {
      std::vector<fs::path> files;
      std::error_code error;
      for (const auto& entry : fs::directory_iterator(config_.resolve(config_.corpus.regressions), error)) {
        if (entry.is_regular_file() && entry.path().extension() != ".md") files.push_back(entry.path());
      }
      std::ranges::sort(files);
      return files.empty() ? "" : files[number % files.size()].string();
    }
    case Lane::afl_sim:
    case Lane::afl_native:
    case Lane::afl_adopted: return free_afl_instance(lane);
    case Lane::prove:
    case Lane::libfuzzer_sim:
    case Lane::libfuzzer_native:
    case Lane::libfuzzer_native_tsan:
    case Lane::libfuzzer_adopted:
    case Lane::stress_asan:
    case Lane::stress_tsan: return "";
  }
  return "";
}

// Memory of the workers, and what they left: orphans become our children and are ended.
void Supervisor::look_at_processes() {
  const ProcessTable table = ProcessTable::now();
  std::array<std::uint64_t, engine_count> resident{};
  for (const auto& slot : slots_) {
    slot->look_at(table);
    if (slot->stint() == nullptr) continue;
    const Lane lane = slot->stint()->lane;
    resident[static_cast<unsigned>(engine_of(lane))] += slot->resident_bytes();
    books(lane).resident_bytes_max = std::max(books(lane).resident_bytes_max, slot->resident_bytes());
  }
  for (unsigned i = 0; i < engine_count; ++i) {
    metrics_.resident_memory(static_cast<Engine>(i)).Set(static_cast<double>(resident[i]));
  }
  for (const pid_t child : table.children(getpid())) {
    if (std::ranges::any_of(slots_, [&](const auto& slot) { return slot->pid() == child; })) continue;
    kill(child, SIGKILL);
    waitpid(child, nullptr, WNOHANG);
  }
}

void Supervisor::run_preflight() {
  next_preflight_ = Clock::now() + preflight_interval;
  // Findings are rare: what the disk would say to one is asked for again and again, with as much as one brings.
  try {
    clerk_.try_journal();
    journal_trouble_.clear();
    // What failed on a full disk is no fault of a worker's, and waits no longer than the disk does.
    if (std::exchange(disk_refused_, false)) {
      for (LaneBooks& each : books_) each.restart = {};
    }
  } catch (const StoreError& error) {
    if (journal_trouble_.empty()) spdlog::error("{}", error.what());
    journal_trouble_ = error.what();
    disk_refused_ = true;
  }
  const std::vector<Check> before = std::exchange(checks_, preflight(config_, place_.state, place_.builder));
  for (const Check& check : checks_) {
    metrics_.preflight_ok(check.name).Set(check.trouble.empty() ? 1 : 0);
    const bool said = std::ranges::any_of(before, [&](const Check& b) {
      return b.name == check.name && b.trouble == check.trouble && b.wanted == check.wanted &&
             b.being_built == check.being_built;
    });
    if (check.wanted && !check.trouble.empty() && !said) {
      if (check.being_built) {
        spdlog::info("{} is not built yet", check.name);
      } else {
        spdlog::warn("{} cannot run: {}", check.name, check.trouble);
      }
    }
    if (const auto lane = lane_named(check.name)) {
      books(*lane).available = check.wanted && check.trouble.empty();
      books(*lane).being_built = check.being_built;
    }
  }
}

std::string Supervisor::why_nothing_starts() const {
  for (const Check& check : checks_) {
    if (check.name == "disk" && !check.trouble.empty()) return check.trouble;
  }
  return nothing_to_run(checks_);
}

void Supervisor::every_second(const FarmHooks& hooks) {
  next_second_ = Clock::now() + std::chrono::seconds(1);
  look_at_processes();
  if (intake_.waiting() > 0) intake_.retry(config_);
  publish(hooks, false);
}

void Supervisor::every_minute() {
  next_minute_ = Clock::now() + std::chrono::minutes(1);
  std::uint64_t executions = 0;
  for (const LaneBooks& b : books_) executions += b.executions;
  const double seconds =
      std::chrono::duration<double>(Clock::now() - std::exchange(last_minute_, Clock::now())).count();
  const auto more = static_cast<double>(executions - std::exchange(executions_then_, executions));
  upkeep_.minute(config_, {{"executions per second", seconds > 0 ? more / seconds : 0},
                           {"findings", static_cast<double>(view_->findings)}});
}

void Supervisor::stop_all() {
  for (const auto& slot : slots_) slot->ask_to_stop();
  const auto deadline = Clock::now() + stop_time_max;
  const auto all_free = [&] { return std::ranges::all_of(slots_, [](const auto& s) { return s->is_free(); }); };
  while (!all_free() && Clock::now() < deadline) {
    poll_slots();
    std::this_thread::sleep_for(loop_interval);
  }
  for (const auto& slot : slots_) slot->kill();
  poll_slots();
  session::end_orphans();
}

}  // namespace rcufarm::stress
