// AFL++'s entry to a mutator: a shared library for AFL_CUSTOM_MUTATOR_LIBRARY.
//
// Job: three extern "C" functions around an AflEntry, which is afl-fuzz's from afl_custom_init to afl_custom_deinit.
// afl-fuzz calls them from its only thread.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "scenario/engine_mutator.h"
#include "scenario/random.h"

#define RCUFARM_AFL_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

using namespace rcufarm::scenario;

class AflEntry {
 public:
  explicit AflEntry(unsigned seed) : random_(seed) {}

  // As afl_custom_fuzz: the result stays in place until the next call.
  std::size_t fuzz(std::span<const std::byte> input, std::span<const std::byte> other, std::size_t max_size,
                   std::uint8_t** result) {
    // afl-fuzz allows a megabyte.
    const std::size_t room = std::min(max_size, engine_mutator.grows_by_max + input.size());
    if (buffer_.size() < room) buffer_.resize(room);
    const auto out = std::span(buffer_).first(room);
    std::size_t size = std::min(input.size(), room);
    if (!other.empty() && random_.one_in(crossover_one_in)) {
      size = engine_mutator.cross(input, other, out, random_.next());
    } else {
      std::copy_n(input.begin(), size, out.begin());
    }
    // A span of bytes may be seen as one of unsigned char.
    *result = reinterpret_cast<std::uint8_t*>(buffer_.data());
    return engine_mutator.mutate(out, size, room, random_.next());
  }

 private:
  static constexpr unsigned crossover_one_in = 4;  // calls that start from both inputs instead of one

  Random random_;
  std::vector<std::byte> buffer_;  // only grows
};

std::span<const std::byte> input_of(const std::uint8_t* data, std::size_t size) {
  return data != nullptr ? std::as_bytes(std::span(data, size)) : std::span<const std::byte>();
}

}  // namespace

RCUFARM_AFL_EXPORT void* afl_custom_init(void* /*afl*/, unsigned seed) {
  return std::make_unique<AflEntry>(seed).release();
}

RCUFARM_AFL_EXPORT std::size_t afl_custom_fuzz(void* data, std::uint8_t* buf, std::size_t buf_size,
                                               std::uint8_t** out_buf, std::uint8_t* add_buf, std::size_t add_buf_size,
                                               std::size_t max_size) {
  return static_cast<AflEntry*>(data)->fuzz(input_of(buf, buf_size), input_of(add_buf, add_buf_size), max_size,
                                            out_buf);
}

RCUFARM_AFL_EXPORT void afl_custom_deinit(void* data) {
  const std::unique_ptr<AflEntry> ends_here(static_cast<AflEntry*>(data));
}
