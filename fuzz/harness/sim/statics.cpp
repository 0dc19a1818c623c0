#include "harness/sim/statics.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "machine/engine/fiber.h"

// The linker's, of sections that have such names; null where nothing of the program has a static.
extern "C" {
extern std::byte under_test_data_begin[] __asm__("__start_under_test_data") __attribute__((weak, visibility("hidden")));
extern std::byte under_test_data_end[] __asm__("__stop_under_test_data") __attribute__((weak, visibility("hidden")));
extern std::byte under_test_bss_begin[] __asm__("__start_under_test_bss") __attribute__((weak, visibility("hidden")));
extern std::byte under_test_bss_end[] __asm__("__stop_under_test_bss") __attribute__((weak, visibility("hidden")));
}

namespace rcufarm::harness {

namespace {

// Under AddressSanitizer not the library's copy and comparison: between two globals it has bytes that nobody may touch.
[[gnu::no_sanitize_address]] void put_bytes(const std::byte* from, std::byte* to, std::size_t bytes) {
#if RCUFARM_SIM_ASAN
  for (std::size_t i = 0; i < bytes; ++i) const_cast<volatile std::byte*>(to)[i] = from[i];
#else
  std::memcpy(to, from, bytes);
#endif
}

[[gnu::no_sanitize_address]] std::byte at(const std::byte* address) {
  return *const_cast<const volatile std::byte*>(address);
}

// Runs that are nearer to each other are one.
constexpr std::size_t gap = 8;

bool number_of(std::string_view text, std::uint32_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string to_text(const StaticsImage& image) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const StaticsImage::Run& run : image.runs) {
    char offset[9] = {};
    *std::to_chars(offset, offset + sizeof offset, run.offset, 16).ptr = '\0';
    text += (text.empty() ? "" : ",") + std::string(offset) + "=";
    for (const std::byte byte : run.bytes) {
      text += digits[std::to_integer<unsigned>(byte) >> 4U];
      text += digits[std::to_integer<unsigned>(byte) & 15U];
    }
  }
  return text;
}

bool image_from_text(std::string_view text, StaticsImage& image) {
  image.runs.clear();
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos) return false;
    StaticsImage::Run run;
    if (!number_of(one.substr(0, equals), run.offset)) return false;
    const std::string_view bytes = one.substr(equals + 1);
    if (bytes.empty() || bytes.size() % 2 != 0) return false;
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
      std::uint32_t byte = 0;
      if (!number_of(bytes.substr(i, 2), byte)) return false;
      run.bytes.push_back(static_cast<std::byte>(byte));
    }
    image.runs.push_back(std::move(run));
  }
  return true;
}

Statics& Statics::of_program() {
  static Statics statics;
  return statics;
}

Statics::Statics() {
  const auto add = [this](std::byte* begin, std::byte* end) {
    if (begin == nullptr || begin == end) return;
    ranges_.emplace_back(begin, end);
    const std::size_t before = first_.size();
    first_.resize(before + ranges_.back().size());
    put_bytes(begin, first_.data() + before, ranges_.back().size());
  };
  add(under_test_data_begin, under_test_data_end);
  add(under_test_bss_begin, under_test_bss_end);
}

void Statics::set(const StaticsImage& image) {
  std::size_t begin = 0;
  for (const std::span<std::byte> range : ranges_) {
    put_bytes(first_.data() + begin, range.data(), range.size());
    for (const StaticsImage::Run& run : image.runs) {
      const std::size_t from = std::max<std::size_t>(run.offset, begin);
      const std::size_t to = std::min<std::size_t>(run.offset + run.bytes.size(), begin + range.size());
      if (from < to) put_bytes(run.bytes.data() + (from - run.offset), range.data() + (from - begin), to - from);
    }
    begin += range.size();
  }
}

StaticsImage Statics::changed() const {
  StaticsImage image;
  std::size_t offset = 0;
  for (const std::span<std::byte> range : ranges_) {
    for (std::size_t i = 0; i < range.size(); ++i, ++offset) {
      const std::byte now = at(range.data() + i);
      if (now == first_[offset]) continue;
      if (image.empty() || offset - image.runs.back().offset >= image.runs.back().bytes.size() + gap) {
        image.runs.push_back({static_cast<std::uint32_t>(offset), {}});
      }
      StaticsImage::Run& run = image.runs.back();
      while (run.offset + run.bytes.size() < offset) run.bytes.push_back(first_[run.offset + run.bytes.size()]);
      run.bytes.push_back(now);
    }
  }
  return image;
}

}  // namespace rcufarm::harness
