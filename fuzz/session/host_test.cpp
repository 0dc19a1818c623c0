#include "session/host.h"

#include <gtest/gtest.h>

#include "session/scratch.h"
#include "session/seeds.h"

namespace rcufarm::session {
namespace {

TEST(Host, TsanNeedsFewRandomBits) {
  const Scratch scratch;
  EXPECT_FALSE(tsan_obstacle(scratch.file("fine", "28\n")));
  EXPECT_FALSE(tsan_obstacle(scratch.folder() / "missing"));
  const auto obstacle = tsan_obstacle(scratch.file("much", "32\n"));
  ASSERT_TRUE(obstacle);
  EXPECT_NE(obstacle->find("sysctl vm.mmap_rnd_bits=28"), std::string::npos);
}

TEST(Host, TellsASanitizerByItsRuntime) {
  const Scratch scratch;
  EXPECT_EQ(sanitizer_of(scratch.file("a", "xx __asan_init yy __ubsan_handle_z")), Sanitizer::address);
  EXPECT_EQ(sanitizer_of(scratch.file("u", "xx __ubsan_handle_add_overflow")), Sanitizer::undefined);
  EXPECT_EQ(sanitizer_of(scratch.file("t", "xx __tsan_init __ubsan_handle_z TSAN_OPTIONS")), Sanitizer::thread);
  EXPECT_EQ(sanitizer_of(scratch.file("h", "xx __tsan_init")), Sanitizer::none);
  EXPECT_EQ(sanitizer_of(scratch.file("n", "xx")), Sanitizer::none);
  EXPECT_EQ(sanitizer_of(scratch.folder() / "missing"), Sanitizer::none);
}

unsigned count(const std::filesystem::path& folder) {
  const auto files = std::filesystem::directory_iterator(folder);
  return static_cast<unsigned>(std::distance(begin(files), end(files)));
}

TEST(Seeds, AreCopiedFromFoldersAndBelow) {
  const Scratch scratch;
  scratch.file("from/a", "one");
  scratch.file("from/below/b", "two");
  scratch.file("from/empty", "");
  scratch.file("from/large", std::string(100, 'x'));
  EXPECT_FALSE(prepare_seeds({scratch.folder() / "from"}, scratch.folder() / "to", 99));
  EXPECT_EQ(count(scratch.folder() / "to"), 2U);
}

TEST(Seeds, AreMadeUpWhereThereAreNone) {
  const Scratch scratch;
  EXPECT_FALSE(prepare_seeds({}, scratch.folder() / "to", 100));
  EXPECT_GT(count(scratch.folder() / "to"), 0U);
  for (const auto& entry : std::filesystem::directory_iterator(scratch.folder() / "to")) {
    EXPECT_GT(entry.file_size(), 0U);
    EXPECT_LE(entry.file_size(), 100U);
  }
}

TEST(Seeds, AFolderThatIsNotThereIsAnError) {
  const Scratch scratch;
  const auto error = prepare_seeds({scratch.folder() / "missing"}, scratch.folder() / "to", 100);
  ASSERT_TRUE(error);
  EXPECT_NE(error->find("missing"), std::string::npos);
}

TEST(Seeds, EqualOnesAreRemoved) {
  const Scratch scratch;
  scratch.file("to/a", "same");
  scratch.file("to/b", "diff");
  EXPECT_EQ(remove_equal(scratch.folder() / "to", scratch.file("failed", "same")), 1U);
  EXPECT_FALSE(std::filesystem::exists(scratch.folder() / "to/a"));
  EXPECT_EQ(remove_equal(scratch.folder() / "to", scratch.folder() / "missing"), 0U);
}

}  // namespace
}  // namespace rcufarm::session
