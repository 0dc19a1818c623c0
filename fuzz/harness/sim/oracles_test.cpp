// Every oracle on whole programs: a toy allocator with one mistake, which must be accused of it, and the correct one, which
// must not be accused of anything.
#include <gtest/gtest.h>

#include <memory>

#include "harness/sim/draw.h"
#include "harness/sim/explore.h"
#include "harness/sim/toy_allocator.h"
#include "scenario/normalize.h"
#include "scenario/text.h"

namespace rcufarm::harness {
namespace {

using oracle::Kind;

constexpr const char* program = R"(scenario v1
cpus 2
slots 4
cgroup 1024 objects
cache 0 size 100
cache 1 size 200
task 0 on cpu 0
  alloc c0 s0
  enter regular
    touch s0
    free_rcu s0
    alloc c0 s1
    touch s0
  leave
  enter tasks_trace
    touch s1
    free s1
    touch s1
  leave
  alloc c1 s2
  free s2
  alloc c0 s0
  alloc c0 s1
task 1 on cpu 1
  alloc c0 s3
  irq_off
    alloc c1 s2
  irq_on
  free s0
  free_rcu s1
  alloc c0 s2
  free s3
task 2 on cpu 0
  alloc c0 s1
  free s1
  destroy c1
)";

struct Expectation {
  Mistake mistake;
  Kind kind;
};
constexpr Expectation expectations[] = {
    {Mistake::leak, Kind::leak},
    {Mistake::handed_out_twice, Kind::handed_out_twice},
    {Mistake::freed_under_user, Kind::freed_under_user},
    {Mistake::freed_twice, Kind::freed_twice},
    {Mistake::bad_free, Kind::bad_free},
    {Mistake::reused_under_reader, Kind::reused_under_reader},
    {Mistake::returned_under_reader, Kind::returned_under_reader},
    {Mistake::wrong_size, Kind::wrong_size},
    {Mistake::wrong_list, Kind::wrong_list},
    {Mistake::pending_does_not_fall, Kind::pending_does_not_fall},
    {Mistake::memory_grows, Kind::memory_grows},
    {Mistake::spurious_null, Kind::spurious_null},
    {Mistake::not_charged, Kind::not_charged},
    {Mistake::wrong_count, Kind::wrong_count},
    {Mistake::use_after_free, Kind::use_after_free},
    {Mistake::callback_on_freed_cache, Kind::callback_on_freed_cache},
    {Mistake::freed_in_use, Kind::freed_in_use},
    {Mistake::corrupted_list, Kind::corrupted_list},
    {Mistake::data_race, Kind::data_race},
    {Mistake::freed_without_happens_before, Kind::freed_without_happens_before},
    {Mistake::crash, Kind::crash},
    {Mistake::queued_twice, Kind::queued_twice},
    {Mistake::illegal_context, Kind::illegal_context},
    {Mistake::double_lock, Kind::double_lock},
    {Mistake::warning, Kind::warning},
    {Mistake::misuse_report, Kind::misuse_report},
    {Mistake::deadlock, Kind::deadlock},
    {Mistake::no_end, Kind::no_end},
};

scenario::Scenario parsed(const char* text) {
  auto result = scenario::parse(text);
  if (const auto* error = std::get_if<scenario::ParseError>(&result)) {
    ADD_FAILURE() << error->message();
    return {};
  }
  return std::get<scenario::Scenario>(std::move(result));
}

ExploreOptions options_for(const scenario::Scenario& scenario, bool settle) {
  ExploreOptions options;
  options.scenario = &scenario;
  options.schedules_max = 2'000;
  options.config.points_max = 20'000;
  options.config.settle = options.config.inspect = settle;
  return options;
}

// What shows on a settled program alone.
bool needs_settling(Kind kind) {
  return kind == Kind::memory_grows || kind == Kind::pending_does_not_fall || kind == Kind::wrong_count;
}

// The name of the kind that is expected, for test names.
std::string test_name(const testing::TestParamInfo<Expectation>& info) {
  std::string name = oracle::name_of(info.param.kind);
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
}

class ToyWithMistake : public testing::TestWithParam<Expectation> {};

TEST_P(ToyWithMistake, IsAccusedOfIt) {
  SimRunner runner(toy_allocator(GetParam().mistake));
  const scenario::Scenario scenario = parsed(program);
  ExploreOptions options = options_for(scenario, needs_settling(GetParam().kind));
  options.keep_going = true;
  const ExploreResult result = explore(runner, options);
  bool accused = false;
  std::string others;
  for (const ExploreFinding& found : result.findings) {
    const SimFinding again = runner.replay(found.finding);
    EXPECT_EQ(again.signature, found.finding.signature);
    EXPECT_EQ(again.digest, found.finding.digest);
    accused = accused || found.finding.kind == GetParam().kind;
    others += found.finding.signature + "\n";
  }
  EXPECT_TRUE(accused) << result.figures.schedules << " schedules found:\n" << others;
}

INSTANTIATE_TEST_SUITE_P(Oracles, ToyWithMistake, testing::ValuesIn(expectations), test_name);

TEST(ToyWithMistake, EachMistakeIsExpectedOnce) {
  EXPECT_EQ(std::size(expectations) + weak_mistake_count, mistake_count - 1);
}

// What leaves the run's state as it was may pass; what does not never does.
TEST(ToyWithMistake, PassesIfItIsHarmlessAndThatIsWanted) {
  const scenario::Scenario scenario = parsed(program);
  for (const auto& [mistake, passes] :
       {std::pair{Mistake::warning, true}, {Mistake::spurious_null, true}, {Mistake::leak, false}}) {
    SimRunner runner(toy_allocator(mistake));
    ExploreOptions options = options_for(scenario, false);
    options.config.passes_harmless = true;
    EXPECT_EQ(explore(runner, options).findings.empty(), passes) << static_cast<unsigned>(mistake);
  }
}

// A mild mistake in run after run does not end every run of a search that goes on.
TEST(ToyWithMistake, OfAMildOneEverySecondProgramLooksBehind) {
  SimRunner runner(toy_allocator(Mistake::warning));
  ExploreOptions options;
  options.schedules_max = 4'000;
  options.keep_going = true;
  const ExploreResult result = explore(runner, options);
  std::uint64_t seen = 0;
  for (const ExploreFinding& found : result.findings) seen += found.finding.kind == Kind::warning ? found.seen : 0;
  EXPECT_GT(seen, 8U);
  EXPECT_LT(seen, 2'100U) << "of 4,000";
}

TEST(CorrectToy, IsNotAccusedOnTheSameProgram) {
  SimRunner runner(toy_allocator(Mistake::none));
  const scenario::Scenario scenario = parsed(program);
  for (const bool settle : {false, true}) {
    ExploreOptions options = options_for(scenario, settle);
    options.schedules_max = 10'000;
    const ExploreResult result = explore(runner, options);
    EXPECT_EQ(result.figures.schedules, 10'000U);
    for (const ExploreFinding& found : result.findings) ADD_FAILURE() << to_text(found.finding);
  }
}

TEST(CorrectToy, IsNotAccusedOnRandomPrograms) {
  SimRunner runner(toy_allocator(Mistake::none));
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    DrawnScenario drawn = draw_scenario(seed);
    for (scenario::Program& nested : drawn.scenario.programs) nested.kind = scenario::ProgramKind::irq;
    ExploreOptions options;
    options.scenario = &drawn.scenario;
    options.config = drawn.config;
    options.schedules_max = 32;
    const ExploreResult result = explore(runner, options);
    for (const ExploreFinding& found : result.findings)
      ADD_FAILURE() << "seed " << seed << "\n" << to_text(found.finding);
    if (HasFailure()) return;
  }
}

// The allocator asks at 256 KiB. One that promises less does not keep its word; one that promises nothing is not asked.
TEST(Hint, IsAskedForWhereItIsPromised) {
  const scenario::Scenario scenario =
      parsed("scenario v1\ncpus 2\nslots 1\ncache 0 size 2000\ntask 0 on cpu 0\n  alloc c0 s0\n  free_rcu s0\n");
  for (const auto& [promised, is_kept] :
       {std::pair{std::size_t{0}, true}, {std::size_t{64} << 10U, false}, {std::size_t{256} << 10U, true}}) {
    SimAllocator allocator = linked_sim_allocator();
    allocator.unhurried_bytes = promised;
    SimRunner runner(allocator);
    ExploreOptions options = options_for(scenario, true);
    options.schedules_max = 50;
    options.config.points_max = 100'000;
    const ExploreResult result = explore(runner, options);
    ASSERT_EQ(result.findings.empty(), is_kept) << promised;
    if (!is_kept) {
      EXPECT_EQ(result.findings[0].finding.signature, "pending-does-not-fall: free_rcu, rcu_request_urgent_qs");
    }
  }
}

// The toy's functions that a target without them would not have.
SimAllocator of_few_operations(Mistake mistake) {
  using scenario::OpKind;
  SimAllocator allocator = toy_allocator(mistake);
  allocator.language = {.operations = {OpKind::alloc, OpKind::free, OpKind::touch, OpKind::irq_off, OpKind::irq_on},
                        .caches = {scenario::CacheKind::fixed},
                        .programs = {}};
  allocator.alloc = nullptr;
  allocator.free = nullptr;
  allocator.free_rcu = allocator.cache_free_rcu = nullptr;
  allocator.cache_alloc_flags = nullptr;
  allocator.raw_free = nullptr;
  return allocator;
}

TEST(Target, IsAskedForNothingBeyondItsLanguage) {
  const SimAllocator allocator = of_few_operations(Mistake::none);
  SimRunner runner(allocator);
  ExploreOptions options;
  options.seed = 5;
  options.schedules_max = 2000;
  const ExploreResult result = explore(runner, options);
  EXPECT_EQ(result.figures.schedules, 2000U);
  for (const ExploreFinding& found : result.findings) ADD_FAILURE() << to_text(found.finding);
}

TEST(Target, AMistakeIsFoundInItsLanguage) {
  const SimAllocator allocator = of_few_operations(Mistake::handed_out_twice);
  SimRunner runner(allocator);
  ExploreOptions options;
  options.seed = 5;
  options.schedules_max = 20'000;
  const ExploreResult result = explore(runner, options);
  ASSERT_FALSE(result.findings.empty());
  EXPECT_EQ(result.findings[0].finding.kind, Kind::handed_out_twice);
  EXPECT_EQ(scenario::first_lack(result.findings[0].finding.scenario, allocator.language), "");
}

TEST(Target, IsNotAccusedOfWhatMeansNothingOfIt) {
  SimAllocator allocator = toy_allocator(Mistake::spurious_null);
  const scenario::Scenario scenario = parsed(program);
  ExploreOptions options = options_for(scenario, false);
  options.schedules_max = 2000;
  EXPECT_EQ(explore(*std::make_unique<SimRunner>(allocator), options).findings.size(), 1U);
  allocator.meaningless = {Kind::spurious_null};
  EXPECT_TRUE(explore(*std::make_unique<SimRunner>(allocator), options).findings.empty());
}

}  // namespace
}  // namespace rcufarm::harness
