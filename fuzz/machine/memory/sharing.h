// Which words do contexts share, so that it matters when one of them gets there?
//
// Job: learn from the runs of one program who touches which word, and say of an access to come whether others can tell its
// moment. Where a compiler announces every load and store, most go to words that a context, or a CPU, has to itself; a strategy
// that is asked only at the others spends its luck on those. The machine counts points at which it does not ask like all
// others, so a schedule means the same with and without: nothing of this is needed to replay one. A program's first run is asked
// everywhere, and a word that turns out to be shared is asked at from then on; so no interleaving is out of reach for good.
// Tasks and epilogue count apart: a task's accesses are over when the epilogue begins. Owned by a host, for one machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "machine/engine/context_id.h"
#include "machine/engine/limits.h"
#include "machine/engine/zero_pages.h"

namespace rcufarm::sim {

class Sharing {
 public:
  // Words that it keeps books on: the arena's first ones, and those of the pages of large blocks, some of which have one book. All
  // others are taken for shared.
  static constexpr std::size_t first_words = std::size_t{1} << 17U;
  static constexpr std::size_t page_bytes = 4096;
  static constexpr std::size_t page_words = page_bytes / sizeof(std::uint64_t);
  static constexpr unsigned page_bits = 8;
  static constexpr std::size_t words_max = first_words + (page_words << page_bits);
  // The word at this offset in the arena; words_max: it has no book.
  static std::size_t word_at(std::size_t offset) {
    if (offset < first_words * sizeof(std::uint64_t)) [[likely]]
      return offset / sizeof(std::uint64_t);
    if (offset < objects_bytes || offset >= arena_bytes) return words_max;
    const auto page = static_cast<std::uint32_t>(offset / page_bytes) * 0x9e3779b1U >> (32U - page_bits);
    return first_words + page * page_words + offset % page_bytes / sizeof(std::uint64_t);
  }

  // Who gets to a word, and on which lane.
  struct Accessor {
    std::uint8_t context;  // its index, from 1
    std::uint8_t lane;
    friend bool operator==(Accessor, Accessor) = default;
  };

  Sharing() : words_(zero_pages<Word>(words_max)) {}

  // Another program: what was learnt is forgotten.
  void begin_program() {
    for (const std::uint32_t word : touched_) words_[word] = Word{};
    touched_.clear();
    runs_ = 0;
  }

  // ---- for the machine -----------------------------------------------------------------------------------------------

  void begin_run() {
    ++runs_;
    part_ = 0;
  }
  void begin_epilogue() { part_ = 1; }
  void note(std::size_t word, Accessor accessor, bool writes) {
    if (word >= words_max) return;
    const Touched& known = words_[word][part_];
    const bool is_news =
        known.by != accessor && !known.is_between_lanes && !(known.is_shared && known.by.lane == accessor.lane);
    if (is_news || (writes && !known.is_written)) [[unlikely]]
      learn(word, accessor, writes);
  }
  enum class Matters : std::uint8_t { never, to_its_lane, always };
  Matters matters(std::size_t word, Accessor accessor, bool writes) const;

 private:
  static constexpr std::uint8_t no_lane = 0xff;
  struct Touched {
    Accessor by{0, 0};  // whose it was first; context 0: nobody's yet. no_lane: that context has moved
    bool is_written = false;
    bool is_shared : 1 = false;  // with another context
    bool is_between_lanes : 1 = false;
  };
  using Word = std::array<Touched, 2>;  // by tasks, by the epilogue; and by what runs beside either

  void learn(std::size_t word, Accessor accessor, bool writes);

  ZeroPages<Word> words_;
  std::vector<std::uint32_t> touched_;  // words that somebody has; one that both parts have stands here twice
  std::uint64_t runs_ = 0;
  unsigned part_ = 0;
};

inline Sharing::Matters Sharing::matters(std::size_t word, Accessor accessor, bool writes) const {
  if (word >= words_max || runs_ <= 1) return Matters::always;
  const Touched& touched = words_[word][part_];
  if (touched.by.context == 0) return Matters::always;
  if (!touched.is_written && !writes) return Matters::never;
  if (touched.by.context == accessor.context && !touched.is_shared) return Matters::never;
  return touched.by.lane == accessor.lane && !touched.is_between_lanes ? Matters::to_its_lane : Matters::always;
}

}  // namespace rcufarm::sim
