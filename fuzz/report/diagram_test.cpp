// Golden diagrams: hand-made runs, and what a reader sees of them.
#include <gtest/gtest.h>

#include "report/test_run.h"
#include "report/text.h"

namespace rcufarm::report {
namespace {

std::string drawn(const SecondRemark& r) {
  return to_text(build_diagram(r.recording, r.finding, test_names, test_options()));
}

TEST(Diagram, DrawsTheSecondRemarkOfTheReview) {
  EXPECT_EQ(drawn(second_remark()), R"(callback-on-freed-cache: free_caches, do_call_rcu
a cache was freed with an RCU callback on its way or running

    CPU 0: main
    |                      CPU 1: task t0
    |                      |                      regular callbacks of CPU 1
    |                      |                      |
 1  |                      free_rcu(obj 2)        |
    |                      work()                 |
 2  |                      | store(c1.other_flag, 1)
 3  |                      | call_rcu(c1.lock)    |
 4  destroy()              |                      |
    callbacks_in_flight()  |                      |
 5  | load(c1.flag) -> 0   [before 7]             |
 6  |                      |                      callback of c1.lock begins
    |                      |                      do_call_rcu()
 7  |                      |                      | xchg(c1.flag, 1) -> 0
    |                      |                      the_callback()
 8  |                      |                      | store(c1.other_flag, 0)
 9  | load(c1.other_flag) -> 0   [from 8]         |
    free_caches()          |                      |
10  | free_percpu(the caches)                     |
    BAD: a cache was freed with an RCU callback on its way or running (c1.lock)

freed by main on CPU 0: free_caches() alloc/mem/destroy.cpp:7 (step 10)
    caches.destroy();
10 of 18 steps are shown; the others seem to play no part in it. [from N]: it read what step N
stored. [before N]: it came too early for what step N stores.
)");
}

TEST(Diagram, MarksThePartiesAndFindsThemInTheRows) {
  const SecondRemark r = second_remark();
  const Diagram d = build_diagram(r.recording, r.finding, test_names, test_options());
  ASSERT_EQ(d.accused.size(), 1U);
  EXPECT_EQ(d.accused[0].role, "freed");
  EXPECT_EQ(d.accused[0].who, "main on CPU 0");
  EXPECT_EQ(d.accused[0].where, "free_caches() alloc/mem/destroy.cpp:7");
  EXPECT_EQ(d.accused[0].source, "caches.destroy();");
  EXPECT_EQ(d.accused[0].row, d.steps_shown);
}

// What main does before and behind the tasks stands in no list.
TEST(Diagram, SaysWhichOperationOfTheScenarioItIs) {
  const SecondRemark r = second_remark();
  harness::SimFinding finding = r.finding;
  for (const auto& [line, where] : {std::pair<unsigned, const char*>{3, "free, operation 3 of its list"},
                                    {oracle::no_operation, "free, behind the tasks' lists"}}) {
    harness::FindingParty party = r.finding.parties.at(0);
    party.file = "scenario";
    party.function = "free";
    party.line = line;
    finding.parties = {party};
    EXPECT_EQ(build_diagram(r.recording, finding, test_names, test_options()).accused.at(0).where, where);
  }
}

TEST(Diagram, KeepsToItsColumns) {
  const SecondRemark r = second_remark();
  const Diagram d = build_diagram(r.recording, r.finding, test_names, test_options());
  for (const std::size_t columns : {40U, 72U, 100U}) {
    const std::string text = to_text(d, columns);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      ASSERT_NE(end, std::string::npos) << "the last line has no end";
      EXPECT_LE(end - at, columns) << text.substr(at, end - at);
      at = end + 1;
    }
  }
}

TEST(Diagram, LeavesOutTheMiddleOfWhatIsTooLong) {
  TestRun run;
  run.caches(1).in(sim::task_context(0), 0, "f").event(sim::EventKind::task_begin);
  for (unsigned i = 0; i < 300; ++i) run.user(oracle::UserEventKind::destroy_begins, oracle::UserCall::destroy);
  harness::SimFinding finding;
  finding.kind = oracle::Kind::no_end;
  const Diagram d = build_diagram(run.take(), finding, test_names, test_options());
  EXPECT_EQ(d.steps_shown, DiagramOptions{}.lines_max);
  EXPECT_EQ(d.steps_all, 302U);
  unsigned gaps = 0;
  for (const Row& row : d.rows) gaps += row.kind == Row::Kind::gap ? 1 : 0;
  EXPECT_EQ(gaps, 1U);
}

TEST(Diagram, SaysWhoGoesOnWhenTasksShareACpu) {
  TestRun run;
  run.caches(1);
  for (const unsigned task : {0U, 1U, 0U}) {
    run.in(sim::task_context(task), 0, "f").user(oracle::UserEventKind::free_begins, oracle::UserCall::free, 1);
  }
  const std::string text = to_text(build_diagram(run.take(), {}, test_names, test_options()));
  EXPECT_NE(text.find("CPU 0: task t0, task t1"), std::string::npos) << text;
  const std::size_t first = text.find("(task t0)");
  ASSERT_NE(first, std::string::npos) << text;
  const std::size_t second = text.find("(task t1)", first);
  ASSERT_NE(second, std::string::npos) << text;
  EXPECT_NE(text.find("(task t0)", second), std::string::npos) << text;
}

// Its begin is drawn, or its name stands before its first step, and again where it goes on.
TEST(Diagram, SaysWhoItIsThatCameOverAnother) {
  for (const bool begins : {true, false}) {
    TestRun run;
    run.caches(1);
    if (begins) run.in(sim::irq_work_context(0), 0, "f").event(sim::EventKind::irq_work_begin);
    run.in(sim::irq_work_context(0), 0, "f").user(oracle::UserEventKind::free_begins, oracle::UserCall::free, 1);
    run.in(sim::program_context(0), 0, "g").event(sim::EventKind::program_begin);
    run.in(sim::irq_work_context(0), 0, "f").user(oracle::UserEventKind::free_begins, oracle::UserCall::free, 1);
    harness::SimFinding finding;
    finding.scenario.programs.add().kind = scenario::ProgramKind::nmi;
    std::vector<std::string> said;
    for (const Row& row : build_diagram(run.take(), finding, test_names, test_options()).rows) {
      if (row.kind == Row::Kind::context) said.push_back(row.text);
    }
    EXPECT_EQ(said, std::vector<std::string>(begins ? 1 : 2, "(irq_work)")) << begins;
  }
}

TEST(Diagram, AnNmiStandsFurtherInThanWhatItComesOver) {
  TestRun run;
  run.caches(1);
  run.in(sim::irq_work_context(0), 0, "f").event(sim::EventKind::irq_work_begin);
  run.in(sim::program_context(0), 0, "g").event(sim::EventKind::program_begin);
  run.in(sim::program_context(1), 0, "g").event(sim::EventKind::program_begin);
  harness::SimFinding finding;
  finding.scenario.programs.add().kind = scenario::ProgramKind::nmi;
  finding.scenario.programs.add().kind = scenario::ProgramKind::irq;
  const Diagram d = build_diagram(run.take(), finding, test_names, test_options());
  std::vector<unsigned> indents;
  for (const Row& row : d.rows) {
    if (row.kind == Row::Kind::step) indents.push_back(row.indent);
  }
  EXPECT_EQ(indents, (std::vector<unsigned>{1, 2, 1}));
}

TEST(Diagram, OfALeakSaysWhatLeaks) {
  TestRun run;
  run.caches(1).object(5).in(sim::task_context(0), 0, "f");
  run.user(oracle::UserEventKind::free_rcu_begins, oracle::UserCall::free_rcu, 5);
  harness::SimFinding finding;
  finding.kind = oracle::Kind::leak;
  finding.object = 5;
  const Diagram d = build_diagram(run.take(), finding, test_names, test_options());
  ASSERT_FALSE(d.rows.empty());
  EXPECT_EQ(d.rows.back().text, "BAD: obj 5 is never given back");
}

std::string verdict_of(oracle::Kind kind, const char* reason, std::uint32_t object) {
  TestRun run;
  run.caches(1).object(5).in(sim::task_context(0), 0, "f").event(sim::EventKind::task_begin);
  harness::SimFinding finding;
  finding.kind = kind;
  finding.reason = reason;
  finding.object = object;
  const Diagram d = build_diagram(run.take(), finding, test_names, test_options());
  return d.rows.empty() ? "" : d.rows.back().text;
}

TEST(Diagram, SaysTheReasonFirstWhereItsKindHasSeveral) {
  EXPECT_EQ(verdict_of(oracle::Kind::corrupted_list, "past the end of the object", 5),
            "BAD: past the end of the object (obj 5): a broken pointer was used");
  EXPECT_EQ(verdict_of(oracle::Kind::warning, "f: the list is not empty", 0),
            "BAD: f: the list is not empty: the allocator warned of a broken assumption");
  EXPECT_EQ(verdict_of(oracle::Kind::corrupted_list, "", 0),
            std::string("BAD: ") + oracle::meaning_of(oracle::Kind::corrupted_list));
  EXPECT_EQ(verdict_of(oracle::Kind::spurious_null, "the slab had memory", 0),
            std::string("BAD: ") + oracle::meaning_of(oracle::Kind::spurious_null));
}

TEST(Diagram, SaysNullPointerWhereItIsOne) {
  for (const oracle::Kind kind : {oracle::Kind::corrupted_list, oracle::Kind::crash}) {
    EXPECT_EQ(verdict_of(kind, sim::null_pointer_text, 0), "BAD: a null pointer was followed");
  }
}

// The hand-made runs have one file; a second one has the same name in another folder, a third is another.
std::string with_files(std::initializer_list<const char*> files) {
  TestRun run;
  run.caches(1);
  for (const char* file : files) {
    run.in(sim::task_context(0), 0, "f").event(sim::EventKind::task_begin).of_file(file).event(sim::EventKind::warn);
  }
  AllocatorNames names = test_names;
  names.numbers_every_file = true;
  return to_text(build_diagram(run.take(), {}, names, test_options()));
}

TEST(Diagram, NamesTheFileWhereItsLinesAreOfMoreThanOne) {
  const std::string one = with_files({"/x/alloc/mem/a.cpp", "/x/alloc/mem/a.cpp"});
  EXPECT_NE(one.find("    f()\n"), std::string::npos) << one;
  const std::string two = with_files({"/x/alloc/mem/a.cpp", "/x/alloc/mem/b.cpp"});
  EXPECT_NE(two.find("    f() a.cpp\n"), std::string::npos) << two;
  EXPECT_NE(two.find("    f() b.cpp\n"), std::string::npos) << two;
  const std::string same = with_files({"/x/alloc/mem/a.cpp", "/x/alloc/native/a.cpp"});
  EXPECT_NE(same.find("    f() alloc/mem/a.cpp\n"), std::string::npos) << same;
  EXPECT_NE(same.find("    f() alloc/native/a.cpp\n"), std::string::npos) << same;
}

TEST(Diagram, OfAnEmptyRecordingIsNoCrash) {
  const Diagram d = build_diagram(TestRun().take(), {}, test_names, test_options());
  EXPECT_EQ(d.steps_shown, 0U);
  EXPECT_FALSE(to_text(d).empty());
}

}  // namespace
}  // namespace rcufarm::report
