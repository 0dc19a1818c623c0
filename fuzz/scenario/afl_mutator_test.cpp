// AFL++'s entry, loaded the way afl-fuzz loads it.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <set>

#include "scenario/normalize.h"
#include "scenario/test_support.h"

namespace rcufarm::scenario {
namespace {

class AflMutator : public testing::Test {
 protected:
  using Init = void* (*)(void* afl, unsigned seed);
  using Fuzz = std::size_t (*)(void* data, std::uint8_t* buf, std::size_t buf_size, std::uint8_t** out_buf,
                               std::uint8_t* add_buf, std::size_t add_buf_size, std::size_t max_size);
  using Deinit = void (*)(void* data);

  void SetUp() override {
    library_ = dlopen(RCUFARM_AFL_MUTATOR, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library_, nullptr) << dlerror();
    init_ = reinterpret_cast<Init>(dlsym(library_, "afl_custom_init"));
    fuzz_ = reinterpret_cast<Fuzz>(dlsym(library_, "afl_custom_fuzz"));
    deinit_ = reinterpret_cast<Deinit>(dlsym(library_, "afl_custom_deinit"));
    ASSERT_TRUE(init_ != nullptr && fuzz_ != nullptr && deinit_ != nullptr);
  }
  void TearDown() override {
    if (library_ != nullptr) dlclose(library_);
  }

  // The outputs of one session: each is the next one's input, and `other` is at hand for splicing.
  std::vector<std::vector<std::uint8_t>> session(unsigned seed, std::vector<std::uint8_t> other, std::size_t max_size) {
    std::vector<std::vector<std::uint8_t>> outputs;
    std::vector<std::uint8_t> input(1);
    void* mutator = init_(nullptr, seed);
    EXPECT_NE(mutator, nullptr);
    for (int n = 0; n < 500; ++n) {
      std::uint8_t* out = nullptr;
      const std::size_t size = fuzz_(mutator, input.data(), input.size(), &out, other.empty() ? nullptr : other.data(),
                                     other.size(), max_size);
      EXPECT_LE(size, max_size);
      EXPECT_NE(out, nullptr);
      outputs.emplace_back(out, out + size);
      input = outputs.back();
    }
    deinit_(mutator);
    return outputs;
  }

  static Scenario scenario_of(const std::vector<std::uint8_t>& bytes) {
    return decode(std::as_bytes(std::span(bytes))).scenario;
  }

  void* library_ = nullptr;
  Init init_ = nullptr;
  Fuzz fuzz_ = nullptr;
  Deinit deinit_ = nullptr;
};

std::vector<std::uint8_t> plain(const std::vector<std::byte>& bytes) {
  std::vector<std::uint8_t> result;
  result.reserve(bytes.size());
  for (const std::byte byte : bytes) result.push_back(std::to_integer<std::uint8_t>(byte));
  return result;
}

TEST_F(AflMutator, GivesLegalAndDifferentInputs) {
  const auto outputs = session(1, {}, 1 << 20);
  for (const auto& output : outputs) ASSERT_TRUE(is_valid(scenario_of(output)));
  EXPECT_GT(std::set(outputs.begin(), outputs.end()).size(), outputs.size() * 9 / 10);
}

TEST_F(AflMutator, KeepsItsRoom) {
  for (const std::size_t max_size : {64U, 100U, 1000U}) session(2, plain(encode(small_scenario(5))), max_size);
}

TEST_F(AflMutator, SplicesTheOtherInput) {
  // Operations that nothing else would write so often.
  Scenario other = decode({}).scenario;
  other.tasks[0].ops.assign(200, Operation{OpKind::pause, 0, 0, 63, 0});
  std::size_t pauses = 0;
  for (const auto& output : session(3, plain(encode(other)), 1 << 20)) {
    for (const Task& task : scenario_of(output).tasks) {
      pauses += static_cast<std::size_t>(std::ranges::count(task.ops, Operation{OpKind::pause, 0, 0, 63, 0}));
    }
  }
  EXPECT_GT(pauses, 1000U);
}

TEST_F(AflMutator, TheSameSeedGivesTheSameSession) {
  EXPECT_EQ(session(4, plain(encode(small_scenario(5))), 4096), session(4, plain(encode(small_scenario(5))), 4096));
  EXPECT_NE(session(4, {}, 4096), session(5, {}, 4096));
}

}  // namespace
}  // namespace rcufarm::scenario
