// Globals and statics of the code under test.
//
// Job: what a run finds in them is part of its input. They have their first values, those of the program's start, unless
// somebody gives others: what an earlier run has left. Where they lie is the linker's knowledge: the build gives the sections of
// the code under test names of their own (rcufarm_keep_statics in fuzz/machine/CMakeLists.txt). thread_local ones are not among
// them. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rcufarm::harness {

// What differs from the first values: bytes, by where they begin. Empty: nothing does.
struct StaticsImage {
  struct Run {
    std::uint32_t offset = 0;
    std::vector<std::byte> bytes;

    bool operator==(const Run&) const = default;
  };
  std::vector<Run> runs;

  bool empty() const { return runs.empty(); }
  bool operator==(const StaticsImage&) const = default;
};

// "10=2a00,40=01": offsets and bytes in hexadecimal; "" is the empty image.
std::string to_text(const StaticsImage& image);
// False: it is no such text.
bool image_from_text(std::string_view text, StaticsImage& image);

class Statics {
 public:
  // Those of this program; their values at the first call are the first values.
  static Statics& of_program();

  bool any() const { return !first_.empty(); }
  // Where they lie.
  std::span<const std::span<std::byte>> ranges() const { return ranges_; }
  // The first values, with the image over them. What of it lies behind the end is left out: it was another build's.
  void set(const StaticsImage& image);
  // What differs from the first values now.
  StaticsImage changed() const;

 private:
  Statics();

  std::vector<std::span<std::byte>> ranges_;
  std::vector<std::byte> first_;  // of all ranges, one behind the other
};

}  // namespace rcufarm::harness
