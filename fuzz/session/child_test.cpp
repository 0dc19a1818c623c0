#include "session/child.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "session/process_tree.h"
#include "session/scratch.h"

namespace rcufarm::session {
namespace {

using namespace std::chrono_literals;

Command shell(const std::string& body) {
  Command command;
  command.arguments = {"sh", "-c", body};
  return command;
}

Completed completed(const Command& command, std::chrono::seconds limit = 20s) {
  auto result = run_to_end(command, limit);
  EXPECT_TRUE(std::holds_alternative<Completed>(result));
  return std::get<Completed>(std::move(result));
}

bool is_gone(pid_t pid) {
  for (int i = 0; i < 200; ++i) {
    if (kill(pid, 0) != 0) return true;
    waitpid(pid, nullptr, WNOHANG);
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

TEST(Child, GivesOutputAndExitCode) {
  const auto done = completed(shell("echo out; echo err >&2; printf unfinished; exit 3"));
  EXPECT_EQ(done.output, "out\nerr\nunfinished\n");
  ASSERT_TRUE(done.status);
  EXPECT_EQ(describe_status(*done.status), "exit code 3");
}

TEST(Child, TellsASignal) {
  const auto done = completed(shell("kill -9 $$"));
  ASSERT_TRUE(done.status);
  EXPECT_EQ(describe_status(*done.status), "signal 9 (Killed)");
}

TEST(Child, SetsAndUnsetsTheEnvironment) {
  setenv("RCUFARM_TEST_GONE", "1", 1);
  auto command = shell("echo \"$RCUFARM_TEST_SET ${RCUFARM_TEST_GONE-none}\"; cat");
  command.set = {{"RCUFARM_TEST_SET", "two words"}};
  command.unset = {"RCUFARM_TEST_GONE"};
  EXPECT_EQ(completed(command).output, "two words none\n");
}

TEST(Child, SaysWhyAProgramDoesNotStart) {
  Command command;
  command.arguments = {"/no/such/program"};
  const auto result = run_to_end(command, 1s);
  ASSERT_TRUE(std::holds_alternative<std::string>(result));
  EXPECT_EQ(std::get<std::string>(result), "/no/such/program: No such file or directory");
}

TEST(Child, ARunThatDoesNotEndIsKilled) {
  const auto done = completed(shell("echo begun; sleep 100"), 1s);
  EXPECT_FALSE(done.status);
  EXPECT_EQ(done.output, "begun\n");
}

TEST(Child, KillReachesASessionBelow) {
  // As afl-fuzz does with its fork server.
  auto started = Child::start(shell("setsid sh -c 'echo $$; exec sleep 100' & wait"));
  ASSERT_TRUE(std::holds_alternative<Child>(started));
  auto& child = std::get<Child>(started);
  pid_t below = 0;
  while (below == 0) child.read_lines([&](std::string_view line) { below = std::stoi(std::string(line)); });
  ASSERT_EQ(kill(below, 0), 0);
  child.kill();
  EXPECT_TRUE(is_gone(below));
  EXPECT_TRUE(child.status());
}

TEST(ProcessTree, ReadsAStatLine) {
  const auto line = parse_process_stat(
      "42 (a b) (c) S 7 42 42 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 12345 1000000 777 18446744073709551615 1 1 0");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->pid, 42);
  EXPECT_EQ(line->parent, 7);
  EXPECT_EQ(line->resident_pages, 777U);
  EXPECT_FALSE(parse_process_stat(""));
  EXPECT_FALSE(parse_process_stat("42 (a) S 7 1"));
}

TEST(ProcessTree, KillsOnlyWhatHoldsTooMuch) {
  auto started = Child::start(shell("sleep 100 & wait; echo gone; sleep 100"));
  ASSERT_TRUE(std::holds_alternative<Child>(started));
  auto& child = std::get<Child>(started);
  while (descendants(child.pid()).empty()) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(kill_above(child.pid(), 1ULL << 40U), 0U);
  while (kill_above(child.pid(), 0) == 0) std::this_thread::sleep_for(10ms);
  bool gone = false;
  while (!gone) child.read_lines([&](std::string_view line) { gone = line == "gone"; });
  EXPECT_FALSE(child.status());
}

}  // namespace
}  // namespace rcufarm::session
