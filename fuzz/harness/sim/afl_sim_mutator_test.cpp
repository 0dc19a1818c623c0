// AFL++'s entry, loaded the way afl-fuzz loads it.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <set>

#include "harness/sim/sim_input.h"
#include "scenario/normalize.h"

namespace rcufarm::harness {
namespace {

using Bytes = std::vector<std::uint8_t>;

class AflSimMutator : public testing::Test {
 protected:
  using Init = void* (*)(void* afl, unsigned seed);
  using Fuzz = std::size_t (*)(void* data, std::uint8_t* buf, std::size_t buf_size, std::uint8_t** out_buf,
                               std::uint8_t* add_buf, std::size_t add_buf_size, std::size_t max_size);
  using Deinit = void (*)(void* data);

  void SetUp() override {
    library_ = dlopen(RCUFARM_AFL_SIM_MUTATOR, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library_, nullptr) << dlerror();
    init_ = reinterpret_cast<Init>(dlsym(library_, "afl_custom_init"));
    fuzz_ = reinterpret_cast<Fuzz>(dlsym(library_, "afl_custom_fuzz"));
    deinit_ = reinterpret_cast<Deinit>(dlsym(library_, "afl_custom_deinit"));
    ASSERT_TRUE(init_ != nullptr && fuzz_ != nullptr && deinit_ != nullptr);
  }
  void TearDown() override {
    if (library_ != nullptr) dlclose(library_);
  }

  // The outputs of one session: each is the next one's input, and the one before is at hand for crossing.
  std::vector<Bytes> session(unsigned seed, std::size_t max_size) {
    std::vector<Bytes> outputs;
    Bytes input(1);
    Bytes other;
    void* mutator = init_(nullptr, seed);
    for (int n = 0; n < 500; ++n) {
      std::uint8_t* out = nullptr;
      const std::size_t size = fuzz_(mutator, input.data(), input.size(), &out, other.empty() ? nullptr : other.data(),
                                     other.size(), max_size);
      EXPECT_LE(size, max_size);
      outputs.emplace_back(out, out + size);
      other = input;
      input = outputs.back();
    }
    deinit_(mutator);
    return outputs;
  }

  void* library_ = nullptr;
  Init init_ = nullptr;
  Fuzz fuzz_ = nullptr;
  Deinit deinit_ = nullptr;
};

TEST_F(AflSimMutator, GivesLegalAndDifferentInputsWithSchedules) {
  const auto outputs = session(1, 1 << 20);
  std::size_t departures = 0;
  SimInput input;
  for (const Bytes& output : outputs) {
    decode_input(std::as_bytes(std::span(output)), input);
    ASSERT_TRUE(scenario::is_valid(input.scenario));
    departures += input.departures.size();
  }
  EXPECT_GT(departures, outputs.size());
  EXPECT_GT(std::set(outputs.begin(), outputs.end()).size(), outputs.size() * 9 / 10);
}

TEST_F(AflSimMutator, TheSameSeedGivesTheSameSessionInAnyRoom) {
  for (const std::size_t max_size : {64U, 100U, 4096U}) EXPECT_EQ(session(4, max_size), session(4, max_size));
  EXPECT_NE(session(4, 4096), session(5, 4096));
}

}  // namespace
}  // namespace rcufarm::harness
