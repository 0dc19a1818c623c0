#include "harness/sim/frames.h"

#include <execinfo.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace rcufarm::harness {

namespace {
thread_local std::array<void*, 32> frames{};
thread_local std::size_t frames_count = 0;
}  // namespace

void prepare_frames() {
  void* frame = nullptr;
  backtrace(&frame, 1);
}

void note_frames(const void* instruction) {
  // As a return address: it is the call before that is meant.
  frames[0] = const_cast<char*>(static_cast<const char*>(instruction)) + 1;
  frames_count = 1;
  std::array<void*, 64> all{};
  const auto count = static_cast<std::size_t>(std::max(backtrace(all.data(), static_cast<int>(all.size())), 0));
  void* const* const end = all.data() + count;
  void* const* at = std::find(static_cast<void* const*>(all.data()), end, instruction);
  if (at == end) return;
  for (++at; at != end && frames_count < frames.size(); ++at) frames[frames_count++] = *at;
}

void forget_frames() { frames_count = 0; }

std::span<const void* const> frames_noted() { return std::span(frames).first(frames_count); }

}  // namespace rcufarm::harness
