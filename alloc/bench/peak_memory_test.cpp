#include "bench/peak_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>

namespace rcufarm::bench {
namespace {

constexpr std::size_t block_bytes = std::size_t{32} << 20;
// What the test itself and the kernel's batched page counts may add or hide.
constexpr std::int64_t slack_bytes = std::int64_t{2} << 20;

// Memory that comes and goes by itself, whatever the process' malloc keeps.
void use_and_give_back() {
  void* block = mmap(nullptr, block_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(block, MAP_FAILED);
  std::memset(block, 1, block_bytes);
  const timespec several_samples{0, 50'000'000};
  nanosleep(&several_samples, nullptr);
  munmap(block, block_bytes);
}

TEST(PeakMemory, SeesWhatWasGivenBackAgain) {
  settle_resident_set();
  PeakMemory memory;
  use_and_give_back();
  const std::int64_t peak = memory.finish();
  EXPECT_GE(peak, static_cast<std::int64_t>(block_bytes) - slack_bytes);
  EXPECT_LE(peak, static_cast<std::int64_t>(block_bytes) + slack_bytes);
}

TEST(PeakMemory, LeavesOutWhatWasThereBefore) {
  settle_resident_set();
  use_and_give_back();
  PeakMemory memory;
  EXPECT_LE(memory.finish(), slack_bytes);
}

}  // namespace
}  // namespace rcufarm::bench
