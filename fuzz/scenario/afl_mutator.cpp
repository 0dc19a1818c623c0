// AFL++'s entry to the mutator: a shared library for AFL_CUSTOM_MUTATOR_LIBRARY. afl-fuzz calls it from its only thread.
// The state that afl_custom_init makes is afl-fuzz's, until it gives it back to afl_custom_deinit.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "scenario/bytes.h"
#include "scenario/mutator.h"
#include "scenario/random.h"

namespace {

constexpr unsigned crossover_one_in = 4;  // calls that start from both inputs instead of one

struct AflMutator {
  explicit AflMutator(unsigned seed) : random(seed) {}

  rcufarm::scenario::Random random;
  std::vector<std::byte> buffer;  // holds what the last call gave back until the next; only grows
};

}  // namespace

#define RCUFARM_AFL_EXPORT extern "C" __attribute__((visibility("default")))

RCUFARM_AFL_EXPORT void* afl_custom_init(void* /*afl*/, unsigned seed) {
  return std::make_unique<AflMutator>(seed).release();
}

RCUFARM_AFL_EXPORT std::size_t afl_custom_fuzz(void* data, std::uint8_t* buf, std::size_t buf_size,
                                               std::uint8_t** out_buf, std::uint8_t* add_buf, std::size_t add_buf_size,
                                               std::size_t max_size) {
  auto& mutator = *static_cast<AflMutator*>(data);
  const auto input = std::as_bytes(std::span(buf, buf_size));
  // afl-fuzz allows a megabyte; no result is longer than a scenario and what followed it in the input.
  const std::size_t room = std::min(max_size, rcufarm::scenario::encoded_bytes_max + buf_size);
  if (mutator.buffer.size() < room) mutator.buffer.resize(room);
  const auto out = std::span(mutator.buffer).first(room);
  std::size_t size = std::min(buf_size, room);
  if (add_buf_size > 0 && add_buf != nullptr && mutator.random.one_in(crossover_one_in)) {
    const auto other = std::as_bytes(std::span(add_buf, add_buf_size));
    size = rcufarm::scenario::crossover(input, other, out, mutator.random.next());
  } else {
    std::copy_n(input.begin(), size, out.begin());
  }
  size = rcufarm::scenario::mutate(out, size, room, mutator.random.next());
  // A span of bytes may be seen as one of unsigned char.
  *out_buf = reinterpret_cast<std::uint8_t*>(mutator.buffer.data());
  return size;
}

RCUFARM_AFL_EXPORT void afl_custom_deinit(void* data) {
  const std::unique_ptr<AflMutator> ends_here(static_cast<AflMutator*>(data));
}
