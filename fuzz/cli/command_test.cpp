// The whole command, as a process: exit codes, what it prints, files. Against the correct allocator, and against a
// planted defect where the build has one.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <tuple>

#include "cli/asan_ends_it.h"
#include "cli/child.h"
#include "cli/files.h"
#include "harness/record.h"

namespace rcufarm::cli {
namespace {

class Command : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("rcufarm-cli-" + std::to_string(getpid()) + "-" +
                                                        testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    setenv(harness::record_variable, path("record").c_str(), 1);
  }
  void TearDown() override {
    unsetenv(harness::record_variable);
    std::filesystem::remove_all(folder_);
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  ChildOutput run(const char* program, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), program);
    ChildOutput child = run_child(arguments, 100);
    EXPECT_EQ(child.trouble, "");
    return child;
  }
  std::string content(const std::string& name) const {
    const auto read = read_file(path(name));
    return std::holds_alternative<std::string>(read) ? std::get<std::string>(read) : "";
  }

  std::filesystem::path folder_;
};

constexpr const char* scenario_text =
    "scenario v1\ncpus 2\nslots 2\ncache 0 size 64\ntask 0 on cpu 0\n  alloc c0 s0\n  free_rcu s0\n";

TEST_F(Command, NothingFoundIsZeroAndSaysHowMuchWasSearched) {
  const ChildOutput child = run(RCUFARM_PROGRAM, {"explore", "--schedules", "64", "--findings", path("f")});
  EXPECT_EQ(child.exit_code, 0);
  EXPECT_NE(child.out.find("Nothing found in 64 schedules"), std::string::npos) << child.out;
  const harness::Received received = harness::receive(path("record"));
  ASSERT_TRUE(received.record) << received.trouble;
  EXPECT_EQ(received.record->runs, 64U);
  EXPECT_GT(received.record->reads_from_pairs, 0U);
  EXPECT_TRUE(received.record->findings.empty());
  EXPECT_NE(child.out.find("reads-from pairs"), std::string::npos) << child.out;
}

TEST_F(Command, WhoIsAskedToEndSaysWhatItSearched) {
  for (const char* signal : {"INT", "TERM"}) {
    const ChildOutput child = run("/usr/bin/timeout", {"--preserve-status", "--signal", signal, "2", RCUFARM_PROGRAM,
                                                       "explore", "--seconds", "90", "--no-save"});
    EXPECT_EQ(child.exit_code, 0) << signal;
    EXPECT_NE(child.out.find("Nothing found in "), std::string::npos) << signal << child.out;
    EXPECT_NE(child.out.find("Stopped before its time."), std::string::npos) << signal << child.out;
  }
}

// One task: nobody else could tell in which order its steps come, but for callbacks and destroy.
TEST_F(Command, ProveRunsEveryExecution) {
  ASSERT_EQ(write_file(path("one"), scenario_text), "");
  const ChildOutput child = run(RCUFARM_PROGRAM, {"prove", path("one")});
  EXPECT_EQ(child.exit_code, 0);
  EXPECT_NE(child.out.find("executions (equivalence classes) of this program under sc: right"), std::string::npos)
      << child.out;
  const ChildOutput json = run(RCUFARM_PROGRAM, {"prove", path("one"), "--json", "--model", "kernel"});
  const nlohmann::json said = nlohmann::json::parse(json.out, nullptr, false);
  ASSERT_TRUE(said.is_object()) << json.out;
  EXPECT_EQ(said["programs"][0]["complete"], true);
  EXPECT_EQ(said["programs"][0]["model"], "kernel");
  EXPECT_GE(said["programs"][0]["executions"], 1);
}

TEST_F(Command, ProveSaysWhatIsLeft) {
  ASSERT_EQ(write_file(path("two"), std::string(scenario_text) + "task 1 on cpu 1\n  alloc c0 s1\n  free_rcu s1\n"),
            "");
  const ChildOutput child = run(RCUFARM_PROGRAM, {"prove", path("two"), "--seconds", "0.2"});
  EXPECT_EQ(child.exit_code, 0);
  EXPECT_NE(child.out.find("not proven: "), std::string::npos) << child.out;
}

// Two tasks, some hundreds of classes: so many for one explorer as for three, and for one that is stopped again and again.
TEST_F(Command, AProofIsSharedStoppedAndGoneOnWith) {
  ASSERT_EQ(write_file(path("three"), std::string(scenario_text) + "task 1 on cpu 1\n  alloc c0 s1\n"), "");
  const auto executions = [this](std::vector<std::string> arguments) -> nlohmann::json {
    arguments.insert(arguments.begin(), "prove");
    arguments.emplace_back("--json");
    const ChildOutput child = run(RCUFARM_PROGRAM, arguments);
    EXPECT_EQ(child.exit_code, 0);
    nlohmann::json said = nlohmann::json::parse(child.out, nullptr, false);
    return said.is_object() ? said["programs"][0] : nlohmann::json();
  };
  const nlohmann::json whole = executions({path("three")});
  EXPECT_EQ(whole["complete"], true);
  EXPECT_GT(whole["executions"], 100);
  const nlohmann::json shared = executions({path("three"), "--jobs", "3"});
  EXPECT_EQ(shared["complete"], true);
  EXPECT_EQ(shared["executions"], whole["executions"]);

  nlohmann::json part = executions({path("three"), "--frontier", path("frontier"), "--seconds", "0.03"});
  unsigned parts = 1;
  for (; part["complete"] == false && parts < 10000; ++parts) {
    EXPECT_LE(part["executions"], whole["executions"]);
    part = executions({"--frontier", path("frontier"), "--seconds", "0.03", "--jobs", parts % 2 == 0 ? "1" : "2"});
  }
  EXPECT_GT(parts, 1U);
  EXPECT_EQ(part["complete"], true);
  EXPECT_EQ(part["executions"], whole["executions"]);
}

TEST_F(Command, AFrontierIsOfOneProgramUnderOneModel) {
  ASSERT_EQ(write_file(path("one"), scenario_text), "");
  ASSERT_EQ(write_file(path("other"), std::string(scenario_text) + "task 1 on cpu 1\n  alloc c0 s1\n"), "");
  EXPECT_EQ(run(RCUFARM_PROGRAM, {"prove", "--frontier", path("none")}).exit_code, 2) << "there is none";
  ASSERT_EQ(run(RCUFARM_PROGRAM, {"prove", path("one"), "--frontier", path("frontier")}).exit_code, 0);
  EXPECT_EQ(run(RCUFARM_PROGRAM, {"prove", path("one"), "--frontier", path("frontier")}).exit_code, 0);
  EXPECT_EQ(run(RCUFARM_PROGRAM, {"prove", path("other"), "--frontier", path("frontier")}).exit_code, 2);
  EXPECT_EQ(run(RCUFARM_PROGRAM, {"prove", path("one"), "--model", "tso", "--frontier", path("frontier")}).exit_code,
            2);
  EXPECT_EQ(run(RCUFARM_DEFECT_PROGRAM, {"prove", path("one"), "--frontier", path("frontier")}).exit_code, 2);
  ASSERT_EQ(write_file(path("damaged"), content("frontier").substr(0, 100)), "");
  EXPECT_EQ(run(RCUFARM_PROGRAM, {"prove", "--frontier", path("damaged")}).exit_code, 2);
  EXPECT_EQ(run(RCUFARM_PROGRAM, {"prove", "--all", "1", "--frontier", path("frontier")}).exit_code, 2);
  EXPECT_EQ(run(RCUFARM_PROGRAM, {"prove", path("one"), path("other"), "--frontier", path("f")}).exit_code, 2);
}

// Which finding comes first is a matter of time; that there is one is none, and the file keeps it.
TEST_F(Command, WhatASharedProofFindsIsKept) {
  if (asan_ends_it) return;
  const auto signature = [this](std::vector<std::string> more) -> std::string {
    more.insert(more.begin(), {"prove", RCUFARM_DEFECT_FINDING, "--no-save", "--json"});
    const ChildOutput child = run(RCUFARM_DEFECT_PROGRAM, more);
    EXPECT_EQ(child.exit_code, 1);
    const nlohmann::json said = nlohmann::json::parse(child.out, nullptr, false);
    return said.is_object() ? said["programs"][0]["finding"]["signature"].get<std::string>() : "";
  };
  EXPECT_NE(signature({"--jobs", "2"}), "");
  const std::string first = signature({"--frontier", path("frontier")});
  EXPECT_NE(first, "");
  EXPECT_EQ(signature({"--frontier", path("frontier")}), first);
}

TEST_F(Command, AllProgramsSideBySideAreTheSame) {
  const auto last = [this](const char* jobs) {
    const ChildOutput child = run(RCUFARM_PROGRAM, {"prove", "--all", "2", "--jobs", jobs});
    EXPECT_EQ(child.exit_code, 0);
    return child.out;
  };
  const std::string alone = last("1");
  EXPECT_NE(alone.find("every program with at most 2 operations, under sc: "), std::string::npos) << alone;
  EXPECT_EQ(last("3"), alone);
}

TEST_F(Command, WhatProveFindsReplays) {
  const ChildOutput child = run(RCUFARM_DEFECT_PROGRAM, {"prove", RCUFARM_DEFECT_FINDING, "--findings", path("f")});
  EXPECT_EQ(child.exit_code, 1) << child.out;
  if (asan_ends_it) return;
  const std::filesystem::directory_iterator saved(path("f"));
  ASSERT_NE(saved, std::filesystem::directory_iterator());
  const ChildOutput again = run(RCUFARM_DEFECT_PROGRAM, {"replay", saved->path().string()});
  EXPECT_EQ(again.exit_code, 1) << again.out;
}

// As those of adopted and kernel files.
TEST_F(Command, StepsOfTheAllocatorHaveTheirLines) {
  if (asan_ends_it) return;
  const ChildOutput child = run(RCUFARM_DEFECT_PROGRAM, {"replay", RCUFARM_DEFECT_FINDING, "--diagram"});
  // "freed by main on CPU 0: free_caches() alloc/mem/destroy.cpp:53 (step 26)"
  std::smatch accused;
  ASSERT_TRUE(std::regex_search(child.out, accused, std::regex(R"(alloc/mem/\w+\.cpp:(\d+) \(step (\d+)\))")))
      << child.out;
  const std::regex row("\n *" + accused[2].str() + " .* " + accused[1].str() + ": \\w+\\(");
  EXPECT_TRUE(std::regex_search(child.out, row)) << child.out;
}

// The next shell stands elsewhere.
TEST_F(Command, TheReplayLineCanBePastedInAnyFolder) {
  if (asan_ends_it) return;
  std::filesystem::create_directories(path("a folder"));
  const std::string script =
      "cd \"$2\" && line=$(\"$0\" explore --near \"$1\" --no-minimize --findings f | sed -n 's/^Replay: *//p'); "
      "cd / && eval \"$line\"";
  const ChildOutput child =
      run("/bin/sh", {"-c", script, RCUFARM_DEFECT_PROGRAM, RCUFARM_DEFECT_FINDING, path("a folder")});
  EXPECT_EQ(child.exit_code, 1);
  EXPECT_NE(child.out.find("callback-on-freed-cache: free_caches"), std::string::npos) << child.out;
}

// Beside the replay line, where minimizing was not asked for or has not ended.
TEST_F(Command, TheLineThatMakesItSmallerCanBePasted) {
  if (asan_ends_it) return;
  std::filesystem::create_directories(path("a folder"));
  const std::string script =
      "cd \"$2\" && said=$(\"$0\" explore --near \"$1\" $3 --findings f) || :; "
      "line=$(printf '%s\\n' \"$said\" | sed -n 's/^Smaller: *//p'); cd / && eval \"$line\" >&2; ls \"$2/f\"";
  const auto said = [&](const char* flag) {
    return run("/bin/sh", {"-c", script, RCUFARM_DEFECT_PROGRAM, RCUFARM_DEFECT_FINDING, path("a folder"), flag}).out;
  };
  EXPECT_NE(said("--no-minimize").find(".small.finding"), std::string::npos) << said("--no-minimize");
  std::filesystem::remove_all(path("a folder") + "/f");
  EXPECT_EQ(said("--seed=1").find(".small.finding"), std::string::npos) << "it is as small as it gets";
}

TEST_F(Command, JsonParses) {
  const ChildOutput child = run(RCUFARM_PROGRAM, {"explore", "--schedules", "64", "--json", "--no-save"});
  EXPECT_EQ(child.exit_code, 0);
  const nlohmann::json said = nlohmann::json::parse(child.out, nullptr, false);
  ASSERT_TRUE(said.is_object()) << child.out;
  EXPECT_EQ(said["searched"]["schedules"], 64);
  EXPECT_TRUE(said["findings"].empty());
}

TEST_F(Command, TheSameSeedSearchesTheSame) {
  const auto figures = [&](const char* seed) {
    const ChildOutput child =
        run(RCUFARM_PROGRAM, {"explore", "--schedules", "200", "--seed", seed, "--json", "--no-save"});
    return nlohmann::json::parse(child.out, nullptr, false)["searched"]["points"];
  };
  EXPECT_EQ(figures("5"), figures("5"));
  EXPECT_NE(figures("5"), figures("6"));
}

// ---- explorers side by side ------------------------------------------------------------------------------------------

struct SideBySide : Command {
  nlohmann::json explore(const char* program, std::vector<std::string> more) const {
    more.insert(more.begin(), {"explore", "--json", "--no-save", "--no-minimize"});
    return nlohmann::json::parse(run(program, more).out, nullptr, false);
  }
};

TEST_F(SideBySide, ShareTheSchedulesAndAddUpWhatTheyDid) {
  const auto searched = [&](const char* jobs) {
    return explore(RCUFARM_PROGRAM, {"--schedules", "401", "--seed", "5", "--jobs", jobs})["searched"];
  };
  const nlohmann::json alone = searched("1");
  const nlohmann::json three = searched("3");
  EXPECT_EQ(three["schedules"], 401);
  EXPECT_NE(three["points"], alone["points"]) << "all explorers have one seed";
  EXPECT_EQ(three["points"], searched("3")["points"]);
  EXPECT_EQ(three["reads_from_pairs"], searched("3")["reads_from_pairs"]);
}

TEST_F(SideBySide, MoreOfThemThanSchedulesDoNoneForEver) {
  EXPECT_EQ(explore(RCUFARM_PROGRAM, {"--schedules", "2", "--jobs", "5"})["searched"]["schedules"], 2);
}

TEST_F(SideBySide, TheFindingWithTheLowestNumberIsTheOneWhateverTheTime) {
  const auto found = [&] {
    const nlohmann::json said =
        explore(RCUFARM_DEFECT_PROGRAM, {"--schedules", "4000000", "--seed", "2", "--jobs", "3"});
    EXPECT_EQ(said["findings"].size(), 1U);
    const nlohmann::json& one = said["findings"][0];
    return std::tuple(one["explorer"].get<int>(), one["at_schedule"].get<int>(),
                      one["first_seen_as"].get<std::string>(), one["seen"].get<int>());
  };
  const auto first = found();
  EXPECT_EQ(found(), first);
  // What one of them alone would find has no lower number.
  const nlohmann::json alone = explore(RCUFARM_DEFECT_PROGRAM, {"--schedules", "4000000", "--seed", "2"});
  EXPECT_LE(std::get<1>(first), alone["findings"][0]["at_schedule"].get<int>());
  EXPECT_EQ(std::get<3>(first), 1);
}

TEST_F(SideBySide, FindingsOfOneSignatureAreOne) {
  // A program that fails often, so that each of them comes to it.
  const ChildOutput child = run(RCUFARM_DEFECT_PROGRAM, {"explore", "--schedules", "4000000", "--seed", "2", "--json",
                                                         "--no-minimize", "--findings", path("f")});
  const std::string file = nlohmann::json::parse(child.out, nullptr, false)["findings"][0]["file"];
  const nlohmann::json said = explore(RCUFARM_DEFECT_PROGRAM, {"--scenario", file, "--order", "yes", "--schedules",
                                                               "6000", "--jobs", "3", "--keep-going"});
  std::set<std::string> signatures;
  std::uint64_t seen = 0;
  for (const nlohmann::json& one : said["findings"]) {
    signatures.insert(one["first_seen_as"].get<std::string>());
    seen += one["seen"].get<std::uint64_t>();
  }
  EXPECT_EQ(signatures.size(), said["findings"].size());
  EXPECT_EQ(seen, said["searched"]["failing_schedules"]);
  EXPECT_EQ(said["searched"]["scenarios"], 1);
  EXPECT_GT(seen, signatures.size());
}

TEST_F(SideBySide, WhatTheyCannotShareIsRefused) {
  EXPECT_EQ(run(RCUFARM_PROGRAM, {"explore", "--jobs", "2", "--strategy", "exhaustive"}).exit_code, 2);
  EXPECT_EQ(run(RCUFARM_PROGRAM, {"explore", "--jobs", "2", "--new-inputs", path("new")}).exit_code, 2);
}

TEST_F(Command, ScenariosThatReachSomethingNewAreGivenBackAndTaken) {
  const auto points = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"explore", "--schedules", "640", "--json", "--no-save"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ChildOutput child = run(RCUFARM_PROGRAM, arguments);
    EXPECT_EQ(child.exit_code, 0) << child.out;
    return nlohmann::json::parse(child.out, nullptr, false)["searched"]["points"].get<std::uint64_t>();
  };
  // To write them changes nothing of the search; to draw from them does, in the same way each time.
  const std::uint64_t alone = points({});
  EXPECT_EQ(points({"--new-inputs", path("new")}), alone);
  const auto entries = std::filesystem::directory_iterator(path("new"));
  const auto files = std::distance(begin(entries), end(entries));
  EXPECT_GT(files, 0);
  EXPECT_LE(files, 32);
  const std::uint64_t sharing = points({"--inputs", path("new")});
  EXPECT_NE(sharing, alone);
  EXPECT_EQ(points({"--inputs", path("new")}), sharing);
  // What cannot be an input is passed over, and an empty folder gives none.
  std::filesystem::create_directories(path("empty/folder"));
  EXPECT_EQ(points({"--inputs", path("empty")}), alone);
}

TEST_F(Command, BadUseIsTwo) {
  const std::vector<std::vector<std::string>> wrong = {{},
                                                       {"explore", "--strategy", "luck"},
                                                       {"replay", path("missing")},
                                                       {"asm", path("missing"), "-o", path("x")},
                                                       {"explore", "--scenario", path("missing")},
                                                       {"explore", "--inputs", path("missing")},
                                                       {"explore", "--new-inputs", "/proc/nowhere"},
                                                       {"explore", "--defect", "99"},
                                                       {"explore", "--defect", "x"},
                                                       {"explore", "--schedules", "16", "--findings", "/proc/nowhere"},
                                                       {"defects", "--only", "99"}};
  for (const auto& arguments : wrong) {
    EXPECT_EQ(run(RCUFARM_PROGRAM, arguments).exit_code, 2) << (arguments.empty() ? "" : arguments[0]);
  }
}

TEST_F(Command, HelpIsZero) {
  const ChildOutput child = run(RCUFARM_PROGRAM, {"explore", "--help"});
  EXPECT_EQ(child.exit_code, 0);
  EXPECT_NE(child.out.find("--schedules"), std::string::npos);
}

TEST_F(Command, AScenarioGoesToBytesAndBack) {
  ASSERT_EQ(write_file(path("a.txt"), scenario_text), "");
  ASSERT_EQ(run(RCUFARM_PROGRAM, {"asm", path("a.txt"), "-o", path("a.bin")}).exit_code, 0);
  const ChildOutput shown = run(RCUFARM_PROGRAM, {"show", path("a.bin")});
  EXPECT_EQ(shown.exit_code, 0);
  ASSERT_EQ(write_file(path("b.txt"), shown.out), "");
  ASSERT_EQ(run(RCUFARM_PROGRAM, {"asm", path("b.txt"), "-o", path("b.bin")}).exit_code, 0);
  EXPECT_FALSE(content("a.bin").empty());
  EXPECT_EQ(content("a.bin"), content("b.bin"));
  EXPECT_EQ(run(RCUFARM_PROGRAM, {"asm", path("a.bin"), "-o", path("c")}).exit_code, 2);
}

TEST_F(Command, AScenarioIsExploredAndNotReplayed) {
  ASSERT_EQ(write_file(path("a.txt"), scenario_text), "");
  EXPECT_EQ(run(RCUFARM_PROGRAM, {"replay", path("a.txt")}).exit_code, 2);
  const ChildOutput child = run(RCUFARM_PROGRAM, {"explore", "--scenario", path("a.txt"), "--strategy", "exhaustive",
                                                  "--preemptions", "0", "--no-save", "--json"});
  EXPECT_EQ(child.exit_code, 0) << child.out;
  EXPECT_EQ(nlohmann::json::parse(child.out, nullptr, false)["searched"]["completed_preemptions"], 0) << child.out;
}

TEST_F(Command, AFindingIsSavedReplayedMinimizedAndDrawn) {
  const ChildOutput found =
      run(RCUFARM_DEFECT_PROGRAM, {"explore", "--seconds", "240", "--findings", path("f"), "--json"});
  ASSERT_EQ(found.exit_code, 1) << found.out;
  const nlohmann::json finding = nlohmann::json::parse(found.out, nullptr, false)["findings"][0];
  ASSERT_FALSE(finding["diagram"].empty());
  for (const std::string line : finding["diagram"]) EXPECT_LE(line.size(), 100U) << line;
  ASSERT_EQ(std::distance(std::filesystem::directory_iterator(folder_ / "f"), {}), 1);
  const std::string file = std::filesystem::directory_iterator(folder_ / "f")->path().string();
  harness::Received received = harness::receive(path("record"));
  ASSERT_NE(received.first(), nullptr) << received.trouble;
  EXPECT_EQ(name_of(received.first()->kind), finding["kind"].get<std::string>());
  EXPECT_EQ(received.first()->signature, finding["signature"].get<std::string>());
  EXPECT_EQ(received.first()->file, file);
  EXPECT_EQ(received.first()->seconds, finding["at_seconds"].get<double>());

  const ChildOutput replayed =
      run(RCUFARM_DEFECT_PROGRAM, {"replay", file, "--times", "100", "--svg", path("a.svg"), "--json"});
  EXPECT_EQ(replayed.exit_code, 1);
  const nlohmann::json said = nlohmann::json::parse(replayed.out, nullptr, false);
  EXPECT_EQ(said["identical"], 100);
  EXPECT_GE(said["switches_of_destroy"], 1) << "a callback comes between two steps of destroy";
  EXPECT_EQ(said["finding"]["signature"], finding["signature"]);
  EXPECT_EQ(said["diagram"], finding["diagram"]);
  EXPECT_TRUE(content("a.svg").starts_with("<svg"));
  received = harness::receive(path("record"));
  ASSERT_NE(received.first(), nullptr) << received.trouble;
  EXPECT_EQ(received.record->runs, 100U);
  EXPECT_EQ(received.first()->seen, 100U);
  EXPECT_EQ(received.first()->signature, finding["signature"].get<std::string>());

  // The correct allocator does not show it.
  EXPECT_EQ(run(RCUFARM_PROGRAM, {"replay", file}).exit_code, 0);
  received = harness::receive(path("record"));
  ASSERT_TRUE(received.record) << received.trouble;
  EXPECT_TRUE(received.record->findings.empty());

  ASSERT_EQ(run(RCUFARM_DEFECT_PROGRAM, {"minimize", file, "-o", path("small")}).exit_code, 0);
  ASSERT_EQ(run(RCUFARM_DEFECT_PROGRAM, {"asm", path("small"), "-o", path("small.bin")}).exit_code, 0);
  EXPECT_EQ(run(RCUFARM_DEFECT_PROGRAM, {"replay", path("small.bin")}).exit_code, 1);
}

TEST_F(Command, WhatEveryMachineCanDoIsToldSoWhateverModelFoundIt) {
  // Some seeds find first what sc does not show, and under AddressSanitizer some end in its report.
  for (int seed = 1; seed <= 20; ++seed) {
    const std::string folder = path("f") + std::to_string(seed);
    const ChildOutput found =
        run(RCUFARM_DEFECT_PROGRAM, {"explore", "--model", "c11", "--seconds", "240", "--seed", std::to_string(seed),
                                     "--no-minimize", "--findings", folder, "--json"});
    if (found.exit_code != 1) continue;
    // The sanitizer's own exit code is the same.
    const nlohmann::json said = nlohmann::json::parse(found.out, nullptr, false);
    if (said.is_discarded()) continue;
    const nlohmann::json& finding = said["findings"][0];
    if (finding["model"] != "sc") continue;
    EXPECT_EQ(finding["needs"], "every machine can do it");
    EXPECT_TRUE(finding["not_shown_under"].empty());
    const auto read = read_file(std::filesystem::directory_iterator(folder)->path());
    ASSERT_TRUE(std::holds_alternative<std::string>(read));
    EXPECT_TRUE(std::get<std::string>(read).starts_with("# Shown under sc: every machine can do it.\n# Seen in "));
    EXPECT_NE(std::get<std::string>(read).find(" model sc\n"), std::string::npos);
    return;
  }
  FAIL() << "of 20 seeds none finds what sc shows, too";
}

}  // namespace
}  // namespace rcufarm::cli
