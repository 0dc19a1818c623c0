#include "harness/sim/explore.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <span>
#include <utility>

#include "harness/sim/determinism.h"
#include "harness/sim/draw.h"
#include "harness/sim/endless.h"
#include "harness/sim/sim_allocator.h"
#include "machine/memory/sharing.h"
#include "machine/search/strategy_dpor.h"
#include "machine/search/strategy_exhaustive.h"

namespace rcufarm::harness {

namespace {

// A mild finding that comes in run after run would be all that a search sees: once it was seen so often, every second scenario
// lets it pass.
constexpr std::uint64_t harmless_enough = 8;

// The clock is looked at once in so many runs, and after each that takes its time.
constexpr std::uint64_t runs_between_looks = 16;
constexpr std::uint64_t classes_of_a_scenario = 1024;
// And one of so many runs twice: are both the same?
constexpr std::uint64_t runs_between_checks = 512;

class Explorer {
 public:
  Explorer(SimRunner& runner, const ExploreOptions& options) : runner_(runner), options_(options) {
    // Of one scenario there is nothing to choose, and a search of classes comes to its own end.
    if (!has_one_scenario() && !comes_to_an_end()) guide_.emplace();
  }

  ExploreResult explore() {
    if (!guide_) look_at_pairs(met_.emplace());
    if (options_.strategy == StrategyKind::exhaustive) {
      explore_exhaustively();
    } else if (options_.strategy == StrategyKind::dpor) {
      explore_classes();
    } else {
      explore_randomly();
    }
    update_figures();
    if (options_.reads_from != nullptr) {
      const std::span known = guide_ ? guide_->known() : met_->first(pairs_met());
      for (const std::uint32_t place : known) options_.reads_from[place] = 1;
    }
    runner_.set_reads_from_set(nullptr, 0, nullptr);
    return std::move(result_);
  }

 private:
  using Clock = std::chrono::steady_clock;

  void look_at_pairs(ReadsFromSet& met) {
    runner_.set_reads_from_set(met.set.get(), ReadsFromSet::words, met.numbers.get());
  }
  std::uint64_t pairs_met() { return runner_.machine().reads_from_pairs(); }

  bool comes_to_an_end() const {
    return options_.strategy == StrategyKind::exhaustive || options_.strategy == StrategyKind::dpor;
  }

  bool has_one_scenario() const { return options_.scenario != nullptr || options_.near != nullptr; }

  // Another program shows more than another schedule of the same one. But a program that is given is the only one; and SURW,
  // and a search that is asked where contexts share words, go by what the runs of a program before have shown.
  unsigned runs_of_a_scenario() const {
    if (options_.schedules_per_scenario != 0) return options_.schedules_per_scenario;
    const bool learns = options_.asks_where_shared || options_.strategy == StrategyKind::surw;
    return has_one_scenario() || learns ? batch_runs : 1;
  }

  void explore_randomly() {
    const unsigned runs = runs_of_a_scenario();
    const sim::Schedule* const near = options_.near == nullptr ? nullptr : &options_.near->schedule;
    Strategies strategies(options_.strategy, mix_seed(options_.seed, 1), runs, near);
    std::optional<sim::Sharing> sharing;
    if (options_.asks_where_shared) sharing.emplace();
    DrawnScenario drawn;
    for (std::uint64_t batch = 0; !over_; ++batch) {
      if (!has_one_scenario() || batch == 0) {
        next_scenario(batch, drawn);
        ++result_.figures.scenarios;
      }
      is_news_ = false;
      const std::uint64_t failing_before = result_.figures.failing_schedules;
      sim::Strategy& strategy = strategies.next();
      sharing_ = sharing && !strategies.is_near() ? &*sharing : nullptr;
      runner_.set_sharing(sharing_);
      if (sharing_ != nullptr) sharing_->begin_program();
      const std::uint64_t points_before = result_.figures.points;
      for (unsigned i = 0; i < runs && !over_; ++i) {
        if (strategy.begin_run(strategies.first_run() + i)) run(drawn, strategy);
      }
      strategies.done(result_.figures.points - points_before);
      const bool is_clean = result_.figures.failing_schedules == failing_before;
      if (is_news_ && !is_given_ && is_clean && options_.on_new_pairs) options_.on_new_pairs(drawn);
    }
    runner_.set_sharing(nullptr);
    sharing_ = nullptr;
  }

  // All schedules without a preemption, then all with one, and so on. Random scenarios: one after the other.
  void explore_exhaustively() {
    result_.figures.is_exhaustive = true;
    for (std::uint64_t n = 0; !over_; ++n) {
      DrawnScenario drawn;
      next_scenario(n, drawn);
      ++result_.figures.scenarios;
      int completed = -1;
      for (unsigned bound = 0; bound <= options_.preemptions_max && !over_; ++bound) {
        sim::ExhaustiveStrategy strategy(bound);
        std::uint64_t run_number = 0;
        while (!over_ && strategy.begin_run(run_number++)) run(drawn, strategy);
        if (strategy.complete()) completed = static_cast<int>(bound);
      }
      int& least = result_.figures.completed_preemptions;
      least = n == 0 ? completed : std::min(least, completed);
      if (options_.scenario != nullptr) return;
    }
  }

  // One execution of each class of equivalent ones (strategy_dpor.h). Of random scenarios, one after the other, so many at most:
  // few of them are small enough to be run to the end.
  void explore_classes() {
    for (std::uint64_t n = 0; !over_; ++n) {
      DrawnScenario drawn;
      next_scenario(n, drawn);
      ++result_.figures.scenarios;
      sim::DporStrategy strategy;
      const std::uint64_t limited_before = result_.figures.limited;
      std::uint64_t run_number = 0;
      while (!over_ && (options_.scenario != nullptr || run_number < classes_of_a_scenario) &&
             strategy.begin_run(run_number++)) {
        run(drawn, strategy);
      }
      if (strategy.complete() && result_.figures.limited == limited_before) ++result_.figures.proven_scenarios;
      if (options_.scenario != nullptr) return;
    }
  }

  // The search's n-th. Those that were given get half of the points, however long they are.
  void next_scenario(std::uint64_t n, DrawnScenario& drawn) {
    const std::uint64_t seed = mix_seed(options_.seed, n + 2);
    const bool is_turn_of_given = !options_.given.empty() && given_points_ * 2 < result_.figures.points;
    is_given_ = has_one_scenario() || is_turn_of_given;
    if (options_.near != nullptr) {
      drawn = {options_.near->scenario, options_.near->config};
    } else if (options_.scenario != nullptr) {
      drawn = {*options_.scenario, options_.config};
    } else if (is_turn_of_given) {
      drawn = options_.given[seed % options_.given.size()];
    } else if (guide_ && guide_->draw(mix_seed(seed, 1), drawn)) {
      ++result_.figures.guided_scenarios;
    } else {
      drawn = draw_scenario(seed);
    }
    if (!has_one_scenario()) scenario::translate(drawn.scenario, runner_.allocator().language);
    drawn.config.model = options_.model.value_or(drawn.config.model);
    if (!has_one_scenario()) drawn.config.passes_harmless = harmless_is_known_ && n / 2 % 2 == 1;
    drawn.config.check_order = options_.check_order.value_or(drawn.config.check_order);
    // An allocator that counts in a static comes to its thousandth call in no single run: in every second scenario it goes on
    // from where the last one that ended well has left it.
    constexpr unsigned usual_most = 4;
    const bool is_large = drawn.scenario.machine.cpus > usual_most || drawn.scenario.tasks.size() > usual_most;
    result_.figures.large_scenarios += is_large ? 1 : 0;
    goes_on_ = n % 2 == 1 && !comes_to_an_end();
    if (options_.near == nullptr) drawn.config.statics = StaticsImage{};
  }

  void run(DrawnScenario& drawn, sim::Strategy& strategy) {
    if (goes_on_) drawn.config.statics = statics_left_;
    if (guide_) look_at_pairs(guide_->met());
    const SimOutcome outcome = runner_.run(drawn.scenario, drawn.config, strategy);
    if (guide_) {
      const std::uint64_t pairs = pairs_met();
      runner_.set_reads_from_set(nullptr, 0, nullptr);
      if (guide_->run_ends(drawn, outcome.machine.points, pairs, !outcome.found())) is_news_ = true;
    }
    ExploreFigures& figures = result_.figures;
    const std::uint64_t points_before = figures.points;
    count_run(figures, outcome);
    if (drawn.config.model != sim::MemoryModel::sc && outcome.machine.end != sim::End::given_up)
      ++figures.weak_schedules;
    if (is_given_) given_points_ += figures.points - points_before;
    if (outcome.found()) keep(runner_.finding(outcome, drawn.scenario, drawn.config), strategy.name());
    if (goes_on_ && outcome.machine.end == sim::End::finished && !outcome.found())
      statics_left_ = runner_.statics_left();
    if (!outcome.found() && figures.schedules % runs_between_checks == 1) check_once_more(drawn, outcome, strategy);
    if (options_.schedules_max != 0 && figures.schedules >= options_.schedules_max) over_ = true;
    if (options_.enough != nullptr && figures.schedules >= *options_.enough) over_ = true;
    if (outcome.is_long() || (figures.schedules + figures.given_up) % runs_between_looks == 0) look_at_the_clock();
  }

  // Of a run that found nothing.
  void check_once_more(const DrawnScenario& drawn, const SimOutcome& first, const sim::Strategy& strategy) {
    if (first.machine.end == sim::End::given_up) return;
    const std::uint64_t digest = first.machine.digest;
    SimFinding input;
    input.scenario = drawn.scenario;
    input.config = drawn.config;
    input.schedule.deviations.assign(first.machine.deviations.begin(), first.machine.deviations.end());
    without_learning([&] {
      if (runner_.replay(input.scenario, input.config, input.schedule).machine.digest == digest) return;
      if (SimFinding parted = find_nondeterminism(runner_, input, determinism_runs))
        keep(std::move(parted), strategy.name());
    });
  }

  // What a search learns is of the runs that it asked for.
  template <class Runs>
  void without_learning(Runs runs) {
    runner_.set_sharing(nullptr);
    runs();
    runner_.set_sharing(sharing_);
  }

  bool is_known(const SimFinding& finding) const {
    return std::any_of(result_.findings.begin(), result_.findings.end(),
                       [&](const ExploreFinding& known) { return known.finding.signature == finding.signature; });
  }

  void keep(SimFinding finding, const char* strategy) {
    if (!is_known(finding)) {
      without_learning([&] { finding = unless_it_ends(runner_, std::move(finding)); });
      if (!finding) {
        ++result_.figures.limited;
        return;
      }
    }
    ++result_.figures.failing_schedules;
    // What does not come again when its input runs again is another finding.
    if (finding.kind != oracle::Kind::nondeterminism && !is_known(finding)) {
      without_learning([&] {
        if (runner_.replay(finding).digest != finding.digest) finding = not_seen_again(runner_, finding);
      });
    }
    const auto same = std::find_if(result_.findings.begin(), result_.findings.end(), [&](const ExploreFinding& known) {
      return known.finding.signature == finding.signature;
    });
    if (same != result_.findings.end()) {
      ++same->seen;
      harmless_is_known_ =
          harmless_is_known_ || (same->seen >= harmless_enough && oracle::is_harmless(same->finding.kind));
      return;
    }
    result_.findings.push_back({.finding = std::move(finding),
                                .at_schedule = result_.figures.schedules - 1,
                                .at_seconds = seconds(),
                                .strategy = strategy});
    const bool is_end = ends_with(options_, result_.findings.back().finding);
    if (is_end || result_.findings.size() >= options_.findings_max) over_ = true;
    if (is_end && options_.enough != nullptr) nobody_goes_further();
  }

  void nobody_goes_further() {
    std::uint64_t known = *options_.enough;
    while (result_.figures.schedules < known &&
           !options_.enough->compare_exchange_weak(known, result_.figures.schedules)) {
    }
  }

  void look_at_the_clock() {
    const double now = seconds();
    if (options_.seconds_max > 0 && now >= options_.seconds_max) over_ = true;
    if (!options_.progress || now < next_progress_) return;
    next_progress_ = now + options_.progress_seconds;
    update_figures();
    if (!options_.progress(result_.figures)) over_ = true;
  }

  double seconds() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

  void update_figures() {
    result_.figures.seconds = seconds();
    result_.figures.reads_from_pairs = guide_ ? guide_->known().size() : pairs_met();
  }

  SimRunner& runner_;
  const ExploreOptions& options_;
  std::optional<ReadsFromSet> met_;  // by all runs, or
  std::optional<Guide> guide_;       // who has it by each
  ExploreResult result_;
  sim::Sharing* sharing_ = nullptr;
  bool is_news_ = false;  // the present scenario has reached a pair of store and load that is new
  bool over_ = false;
  bool harmless_is_known_ = false;
  bool is_given_ = false;  // the present scenario is none of the random ones
  std::uint64_t given_points_ = 0;
  bool goes_on_ = false;       // the present scenario begins with what is left in statics
  StaticsImage statics_left_;  // by the last such run that ended well
  double next_progress_ = 0;
  Clock::time_point began_ = Clock::now();
};

}  // namespace

void count_run(ExploreFigures& figures, const SimOutcome& outcome) {
  if (outcome.machine.end == sim::End::given_up) {
    ++figures.given_up;
    return;
  }
  ++figures.schedules;
  figures.points += outcome.machine.points;
  figures.unasked += outcome.machine.unasked;
  figures.switches += outcome.machine.switches;
  figures.store_choices += outcome.machine.store_choices;
  figures.operations += outcome.operations;
  figures.skipped += outcome.skipped;
  if (outcome.machine.end == sim::End::limit) ++figures.limited;
}

ExploreResult explore(SimRunner& runner, const ExploreOptions& options) { return Explorer(runner, options).explore(); }

bool ends_with(const ExploreOptions& options, const SimFinding& finding) {
  if (options.keep_going) return false;
  if (options.near == nullptr) return true;
  const std::string& wanted = options.near->signature;
  return finding.signature == wanted || finding.former_signature == wanted;
}

}  // namespace rcufarm::harness
