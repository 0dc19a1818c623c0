// libFuzzer's entry, called the way libFuzzer calls it.
#include <gtest/gtest.h>

#include "scenario/mutator.h"
#include "scenario/normalize.h"
#include "scenario/test_support.h"

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed);
extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* data1, std::size_t size1,
                                                 const std::uint8_t* data2, std::size_t size2, std::uint8_t* out,
                                                 std::size_t max_out_size, unsigned seed);

namespace rcufarm::scenario {
namespace {

TEST(LibFuzzerMutator, IsTheMutator) {
  const std::vector<std::byte> input = encode(small_scenario(1));
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::vector<std::byte> expected = input;
    expected.resize(1000);
    expected.resize(mutate(expected, input.size(), 1000, seed));
    std::vector<std::uint8_t> data(1000);
    for (std::size_t i = 0; i < input.size(); ++i) data[i] = std::to_integer<std::uint8_t>(input[i]);
    data.resize(LLVMFuzzerCustomMutator(data.data(), input.size(), 1000, seed));
    ASSERT_TRUE(std::ranges::equal(std::as_bytes(std::span(data)), expected));
  }
}

TEST(LibFuzzerMutator, CrossesEmptyInputs) {
  std::vector<std::uint8_t> out(500);
  const std::uint8_t nothing = 0;
  const std::size_t size = LLVMFuzzerCustomCrossOver(&nothing, 0, &nothing, 0, out.data(), out.size(), 1);
  EXPECT_EQ(size, header_bytes + record_bytes);
}

}  // namespace
}  // namespace rcufarm::scenario
