#include "stress/config/config.h"

#include <gtest/gtest.h>

namespace rcufarm::stress {
namespace {

std::string error_of(const std::string& text) {
  const auto parsed = parse_config(text, "farm.toml");
  const auto* error = std::get_if<ConfigError>(&parsed);
  return error == nullptr ? "" : error->message;
}

TEST(Config, NothingGivesTheDefaults) {
  const auto parsed = parse_config("", "farm.toml");
  ASSERT_TRUE(std::holds_alternative<Config>(parsed));
  EXPECT_EQ(to_toml(std::get<Config>(parsed)), to_toml(Config{}));
}

TEST(Config, WhatIsPrintedIsReadAgain) {
  Config config;
  config.http.port = 1234;
  config.farm.node = "a \"quoted\" \\ name";
  config.programs.canary = {"x/y", "z"};
  config.shares.explore = 0;
  const auto parsed = parse_config(to_toml(config), "farm.toml");
  ASSERT_TRUE(std::holds_alternative<Config>(parsed)) << error_of(to_toml(config));
  EXPECT_EQ(to_toml(std::get<Config>(parsed)), to_toml(config));
  EXPECT_EQ(std::get<Config>(parsed).farm.node, config.farm.node);
}

// Line, key, and what is allowed.
TEST(Config, ErrorsNameTheLineTheKeyAndWhatIsAllowed) {
  EXPECT_EQ(error_of("[http]\nport = 70000\n"),
            "farm.toml:2: [http] port = 70000 is not allowed. Allowed: a whole number from 0 to 65535");
  EXPECT_EQ(error_of("[http]\n\nport = \"80\"\n"),
            "farm.toml:3: [http] port = '80' is not allowed. Allowed: a whole number from 0 to 65535");
  EXPECT_EQ(error_of("[http]\nprot = 1\n"),
            "farm.toml:2: unknown key 'prot' in [http]. Allowed: address, port, connections_max, request_seconds_max, "
            "token_file");
  EXPECT_NE(error_of("[htpp]\nport = 1\n").find("farm.toml:1: unknown table 'htpp'. Allowed: [farm], [store]"),
            std::string::npos);
  EXPECT_NE(error_of("[farm]\nlog_level = \"loud\"\n").find("one of \"debug\", \"info\", \"warn\", \"error\""),
            std::string::npos);
  EXPECT_NE(error_of("[programs]\ncanary = [1]\n").find("a list of texts"), std::string::npos);
  EXPECT_NE(error_of("[http]\nport = 1.5\n").find("a whole number"), std::string::npos);
  EXPECT_NE(error_of("[http\n").find("farm.toml:1: not TOML"), std::string::npos);
  EXPECT_NE(error_of("http = 3\n").find("unknown table"), std::string::npos);
}

TEST(Config, WatchesAreTablesOfTheirOwn) {
  const std::string text =
      "[[watch]]\nname = \"main\"\nrepository = \"/r\"\n[[watch]]\nname = \"next\"\nrepository = \"https://h/r.git\"\n"
      "branch = \"for-next\"\npaths = [\"alloc/mem\"]\ntarget = \"linux\"\nseconds = 7\n";
  const auto parsed = parse_config(text, "farm.toml");
  ASSERT_TRUE(std::holds_alternative<Config>(parsed)) << error_of(text);
  const Config& config = std::get<Config>(parsed);
  ASSERT_EQ(config.watches.size(), 2U);
  EXPECT_EQ(config.watches[0].branch, "main");
  EXPECT_EQ(config.watches[1].paths, std::vector<std::string>{"alloc/mem"});
  EXPECT_EQ(config.watches[1].seconds, 7U);
  EXPECT_EQ(trouble_of(config), "");
  const auto again = parse_config(to_toml(config), "farm.toml");
  ASSERT_TRUE(std::holds_alternative<Config>(again)) << error_of(to_toml(config));
  EXPECT_EQ(to_toml(std::get<Config>(again)), to_toml(config));
}

TEST(Config, AWrongWatchSaysWhatToDo) {
  EXPECT_NE(error_of("[watch]\nname = \"x\"\n").find("farm.toml:1: 'watch' is a list of tables. Write [[watch]]"),
            std::string::npos);
  EXPECT_NE(error_of("[[watch]]\nrepo = \"x\"\n").find("farm.toml:2: unknown key 'repo' in [watch]. Allowed: name"),
            std::string::npos);
  const auto trouble = [](WatchConfig watch, int times) {
    Config config;
    for (int i = 0; i < times; ++i) config.watches.push_back(watch);
    return trouble_of(config);
  };
  EXPECT_NE(trouble({.name = "a/b", .repository = "/r"}, 1).find("letters, digits"), std::string::npos);
  EXPECT_NE(trouble({.name = "..", .repository = "/r"}, 1).find("letters, digits"), std::string::npos);
  EXPECT_NE(trouble({.name = "a", .repository = ""}, 1).find("no repository"), std::string::npos);
  EXPECT_NE(trouble({.name = "a", .repository = "/r"}, 2).find("two [[watch]]"), std::string::npos);
  EXPECT_NE(trouble({.name = "a", .repository = "/r", .target = "../x"}, 1).find("a folder in the repository"),
            std::string::npos);
  EXPECT_NE(trouble({.name = "a", .repository = "/r", .branch = "--upload-pack=x"}, 1).find("no name of a branch"),
            std::string::npos);
  Config config;
  config.changes.models = {"sc", "arm"};
  EXPECT_NE(trouble_of(config).find("no model \"arm\""), std::string::npos);
}

TEST(Config, AFarmHasOneAdoptedAllocator) {
  Config config;
  config.programs.explore_adopted = "build/adopt/cmake/bin/rcufarm-mine";
  config.programs.libfuzzer_adopted = "build/adopt/fuzz/bin/fuzz_sim-mine";
  config.programs.afl_adopted = "build/adopt/afl/bin/fuzz_sim-mine";
  config.shares.libfuzzer_adopted = config.shares.afl_adopted = 5;
  EXPECT_EQ(trouble_of(config), "");
  Config other = config;
  other.programs.afl_adopted = "build/adopt/afl/bin/fuzz_sim-theirs";
  EXPECT_NE(trouble_of(other).find("afl_adopted = \"build/adopt/afl/bin/fuzz_sim-theirs\" is of theirs"),
            std::string::npos)
      << trouble_of(other);
  Config alone = config;
  alone.programs.explore_adopted = "";
  EXPECT_NE(trouble_of(alone).find("build/adopt/cmake/bin/rcufarm-mine"), std::string::npos) << trouble_of(alone);
  Config none = config;
  none.programs.afl_adopted = "";
  EXPECT_NE(trouble_of(none).find("afl_adopted names no program"), std::string::npos) << trouble_of(none);
  none.shares.afl_adopted = 0;
  EXPECT_EQ(trouble_of(none), "");
  Config ours;
  ours.programs.explore_adopted = "rcufarm-sim";
  EXPECT_NE(trouble_of(ours).find("sim is a target of the farm's own"), std::string::npos) << trouble_of(ours);
}

TEST(Config, AFileThatIsNotThereSaysHowToMakeOne) {
  const auto read = read_config("/nowhere/farm.toml");
  ASSERT_TRUE(std::holds_alternative<ConfigError>(read));
  EXPECT_NE(std::get<ConfigError>(read).message.find("rcufarm-farm config >"), std::string::npos);
}

TEST(Config, PathsAreBelowTheRoot) {
  Config config;
  config.programs.root = "/r";
  EXPECT_EQ(config.resolve("a/b"), "/r/a/b");
  EXPECT_EQ(config.resolve("/a/b"), "/a/b");
  EXPECT_EQ(config.resolve("a"), "/r/a");
  EXPECT_EQ(config.resolve(""), "");
}

}  // namespace
}  // namespace rcufarm::stress
