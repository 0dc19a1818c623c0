// Schedules: both forms are lossless, whatever is dropped leaves a legal schedule, and replay is exact.
#include <algorithm>

#include "machine/engine/schedule.h"
#include "machine/lab.h"
#include "machine/search/random.h"

namespace rcufarm::sim {
namespace {

Deviation any_deviation(Random& random) {
  Deviation d;
  d.at = static_cast<ContextId>(random.below(index_of(idle_context)));
  d.event = static_cast<std::uint32_t>(random.next() >> random.below(64));
  d.points = static_cast<std::uint32_t>(random.next() >> random.below(64));
  d.target = static_cast<ContextId>(random.below(index_of(idle_context)));
  d.kind = decision_for(d.target);
  const std::uint64_t other = random.below(16);
  if (other >= choice_kinds) return d;
  d.kind = decision_for(static_cast<ChoiceKind>(other));
  d.target = d.at;
  if (has_value(d.kind)) d.value = static_cast<std::uint32_t>(random.next() >> random.below(64));
  return d;
}

TEST(ScheduleForms, RoundTripWithoutLoss) {
  for (std::uint64_t i = 0; i < 2000; ++i) {
    Random random(1, i);
    Schedule schedule;
    for (std::uint64_t n = random.below(64); n > 0; --n) schedule.config += static_cast<char>('!' + random.below(94));
    for (std::uint64_t n = random.below(50); n > 0; --n) schedule.deviations.push_back(any_deviation(random));
    const auto from_bytes = schedule_from_bytes(to_bytes(schedule));
    ASSERT_TRUE(std::holds_alternative<Schedule>(from_bytes)) << std::get<ScheduleError>(from_bytes).message;
    EXPECT_EQ(std::get<Schedule>(from_bytes), schedule);
    const auto from_text = schedule_from_text(to_text(schedule));
    ASSERT_TRUE(std::holds_alternative<Schedule>(from_text)) << std::get<ScheduleError>(from_text).message;
    EXPECT_EQ(std::get<Schedule>(from_text), schedule);
  }
}

TEST(ScheduleForms, TextIsReadable) {
  Schedule schedule{"gcc release", {}};
  schedule.deviations = {
      {task_context(0), DecisionKind::run, task_context(1), 4, 2, 0},
      {irq_work_context(0), DecisionKind::callback, callback_context(RcuFlavor::tasks_trace, 1), 1, 7, 0},
      {main_context, DecisionKind::interrupt, program_context(2), 1, 0, 0},
      {task_context(1), DecisionKind::work, worker_context, 2, 1, 0},
      {task_context(1), DecisionKind::fail, task_context(1), 2, 3, 0},
  };
  EXPECT_EQ(to_text(schedule),
            "schedule 1\nconfig gcc release\nt0 4+2 run t1\nirq_work.c0 1+7 callback ttrace.c1\n"
            "main 1+0 interrupt p2\nt1 2+1 work\nt1 2+3 fail\n");
  EXPECT_EQ(std::get<Schedule>(schedule_from_text("# by hand\n\nschedule 1\n  t0 4+2   run t1 # there\r\n")).deviations,
            std::vector<Deviation>{schedule.deviations[0]});
}

TEST(ScheduleForms, BadTextIsAnErrorThatSaysWhere) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "it is empty"},
      {"schedule 3\n", "line 1: the first line is `schedule 1`, or `schedule 2`"},
      {"schedule 0\n", "line 1"},
      {"schedule\n", "line 1"},
      {"schedule 1\nt0 1+1 place_store 2\n", "line 2: place_store came with version 2"},
      {"schedule 2\nt0 1+1 place_store\n", "want a number"},
      {"schedule 1\nconfig x\nt99 1+1 run t0\n", "line 3: it begins with no context's name"},
      {"schedule 1\nt0 1 run t0\n", "no place"},
      {"schedule 1\nt0 1+99999999999 run t0\n", "no place"},
      {"schedule 1\nt0 1+1 jump t0\n", "no decision"},
      {"schedule 1\nt0 1+1 run p0\n", "does not suit"},
      {"schedule 1\nt0 1+1 run t1 t2\n", "something follows"},
  };
  for (const auto& [text, message] : cases) {
    const auto result = schedule_from_text(text);
    ASSERT_TRUE(std::holds_alternative<ScheduleError>(result)) << text;
    EXPECT_NE(std::get<ScheduleError>(result).message.find(message), std::string::npos)
        << std::get<ScheduleError>(result).message;
  }
}

// What was written before there were places of stores is read, and written the same again.
TEST(ScheduleForms, OfBothVersions) {
  const std::string old = "schedule 1\nconfig x\nt0 4+2 run t1\nt1 2+3 fail\nt1 2+4 read_store 3\n";
  const Schedule schedule = std::get<Schedule>(schedule_from_text(old));
  EXPECT_EQ(to_text(schedule), old);
  const std::uint8_t old_bytes[] = {'r', 'c', 'S', 1, 1, 'x', 3, 0, 0, 4, 2, 1, 1, 4, 2, 3, 1, 5, 2, 4, 3};
  const auto bytes = std::as_bytes(std::span(old_bytes));
  EXPECT_EQ(std::get<Schedule>(schedule_from_bytes(bytes)), schedule);
  EXPECT_EQ(to_bytes(schedule), std::vector<std::byte>(bytes.begin(), bytes.end()));

  Schedule places = schedule;
  places.deviations.push_back({task_context(1), DecisionKind::place_store, task_context(1), 3, 0, 2});
  EXPECT_EQ(to_text(places),
            "schedule 2\nconfig x\nt0 4+2 run t1\nt1 2+3 fail\nt1 2+4 read_store 3\nt1 3+0 place_store 2\n");
  std::vector<std::byte> of_places = to_bytes(places);
  EXPECT_EQ(of_places[3], std::byte{2});
  of_places[3] = std::byte{1};
  EXPECT_NE(std::get<ScheduleError>(schedule_from_bytes(of_places)).message.find("later version"), std::string::npos);
  of_places[3] = std::byte{3};
  EXPECT_NE(std::get<ScheduleError>(schedule_from_bytes(of_places)).message.find("versions 1 and 2"),
            std::string::npos);
}

TEST(ScheduleForms, BadBytesAreAnError) {
  Schedule schedule{"x", {}};
  Random random(2, 0);
  for (int i = 0; i < 20; ++i) schedule.deviations.push_back(any_deviation(random));
  const std::vector<std::byte> good = to_bytes(schedule);
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_TRUE(std::holds_alternative<ScheduleError>(schedule_from_bytes(std::span(good).first(size)))) << size;
  }
  std::vector<std::byte> longer = good;
  longer.push_back(std::byte{0});
  EXPECT_TRUE(std::holds_alternative<ScheduleError>(schedule_from_bytes(longer)));
  // Whatever a fuzzer makes of it, it is an error or a schedule; and a schedule says the same again.
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::byte> bytes = good;
    for (int k = 0; k < 3; ++k) bytes[random.below(bytes.size())] = static_cast<std::byte>(random.below(256));
    const auto result = schedule_from_bytes(bytes);
    if (const auto* parsed = std::get_if<Schedule>(&result)) {
      EXPECT_EQ(std::get<Schedule>(schedule_from_bytes(to_bytes(*parsed))), *parsed);
    }
  }
}

// ---- replay ----------------------------------------------------------------------------------------------------------

// A program with a bit of everything: two CPUs, three tasks, migration, irq, nmi, locks, callbacks, failing allocations.
struct Everything : testing::Test {
  struct Head : kernel::RcuHead {};
  Lab lab;
  Cell<Atomic<int>> x;
  Cell<RawSpinLock> lock;
  Cell<Head> heads[3];
  Cell<kernel::IrqWork> work;

  Everything() {
    lab.cell(x).cell(lock).cell(work);
    for (auto& head : heads) lab.cell(head);
    lab.settings.failures_max = 2;
    lab.first([this] { work->init([](kernel::IrqWork*) {}); });
    for (unsigned i = 0; i < 3; ++i) lab.task(i % 2, [this, i] { use(i); });
    lab.irq(0, [this] { x->store(1, Order::relaxed); }).nmi(1, [this] { (void)x->exchange(2, Order::relaxed); });
    // On a CPU that has nothing else to do.
    lab.settings.cpus = 3;
    const auto twice = [this] {
      x->store(4, Order::relaxed);
      x->store(5, Order::relaxed);
    };
    lab.irq(2, twice).nmi(2, twice).irq(2, twice);
    lab.raise_all();
  }

  void use(unsigned i) {
    Machine& m = lab.machine;
    m.begin_call(i);
    {
      const RawSpinLockGuard guard(*lock);
      kernel::irq_work_queue(&*work);
      x->store(3, Order::relaxed);
    }
    m.end_call();
    m.migrate((i + 1) % 2);
    m.begin_call(i + 10);
    {
      const ReadSection reader(RcuFlavor::regular);
      kernel::call_rcu(RcuFlavor::regular, &*heads[i], [](kernel::RcuHead*) {});
      kernel::AllocFailure why{};
      kernel::kfree(kernel::kmalloc_node(32, Gfp::nowait, kernel::Cpu{0}, nullptr, why));
    }
    m.end_call();
    if (i == 0) kernel::rcu_barrier(RcuFlavor::regular);
  }
  std::vector<Deviation> random_run(std::uint64_t run, Outcome& outcome) {
    RandomStrategy random(9);
    random.begin_run(run);
    outcome = lab.run(random);
    return {outcome.deviations.begin(), outcome.deviations.end()};
  }
};

TEST_F(Everything, ReplaysExactly) {
  std::size_t fails = 0;
  for (std::uint64_t run = 0; run < 500; ++run) {
    Outcome first;
    const std::vector<Deviation> deviations = random_run(run, first);
    ASSERT_EQ(first.end, End::finished);
    fails += static_cast<std::size_t>(
        std::count_if(deviations.begin(), deviations.end(), [](auto& d) { return d.kind == DecisionKind::fail; }));
    ReplayStrategy replay(deviations);
    const Outcome again = lab.run(replay);
    ASSERT_EQ(again.digest, first.digest) << "run " << run;
    ASSERT_EQ(again.points, first.points);
    ASSERT_EQ(replay.used(), deviations.size()) << "an entry did not fit the run that it was recorded in";
    ASSERT_TRUE(std::equal(again.deviations.begin(), again.deviations.end(), deviations.begin(), deviations.end()));
  }
  EXPECT_GT(fails, 10U);
}

TEST_F(Everything, AnyPartOfAScheduleIsLegal) {
  for (std::uint64_t run = 0; run < 200; ++run) {
    Outcome first;
    std::vector<Deviation> deviations = random_run(run, first);
    Random random(4, run);
    while (!deviations.empty()) {
      deviations.erase(deviations.begin() + static_cast<std::ptrdiff_t>(random.below(deviations.size())));
      ReplayStrategy replay(deviations);
      const Outcome outcome = lab.run(replay);
      ASSERT_EQ(outcome.end, End::finished) << "run " << run << ", " << deviations.size() << " entries left";
      // What was recorded this time is what was used, and nothing else.
      ASSERT_LE(outcome.deviations.size(), deviations.size());
      ASSERT_LE(outcome.deviations.size(), replay.used());
    }
  }
}

TEST_F(Everything, NonsenseIsSkipped) {
  Random random(5, 0);
  const Outcome plain = lab.once();
  for (int i = 0; i < 2000; ++i) {
    std::vector<Deviation> deviations;
    for (std::uint64_t n = random.below(40); n > 0; --n) {
      Deviation d = any_deviation(random);
      d.event %= 8;
      d.points %= 16;
      deviations.push_back(d);
    }
    ReplayStrategy replay(deviations);
    const Outcome outcome = lab.run(replay);
    ASSERT_EQ(outcome.end, End::finished);
    if (outcome.deviations.empty()) {
      ASSERT_EQ(outcome.digest, plain.digest);
    }
  }
}

// A run that reaches its limit of points does so again, however seldom its strategy asks to be asked.
TEST_F(Everything, LimitOfPointsIsReplayable) {
  lab.settings.points_max = 40;
  for (std::uint64_t run = 0; run < 50; ++run) {
    Outcome first;
    const std::vector<Deviation> deviations = random_run(run, first);
    ASSERT_EQ(first.end, End::points);
    ASSERT_EQ(first.points, 40U);
    ReplayStrategy replay(deviations);
    const Outcome again = lab.run(replay);
    ASSERT_EQ(again.end, End::points);
    ASSERT_EQ(again.points, 40U);
    ASSERT_EQ(again.digest, first.digest);
  }
}

}  // namespace
}  // namespace rcufarm::sim
