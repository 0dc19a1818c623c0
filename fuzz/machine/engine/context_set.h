// Sets of contexts.
//
// Job: a value with a bit for each context, in as many words as they need: one while there are at most 64. Members are
// numbered from the lowest id on. A loop goes over the set as it was when the loop began. Plain value; no shared state.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>

#include "machine/engine/context_id.h"

namespace rcufarm::sim {

template <unsigned contexts>
class BasicContextSet {
  static constexpr unsigned word_bits = 64;
  static constexpr unsigned word_count = (contexts + word_bits - 1) / word_bits;

 public:
  constexpr BasicContextSet() = default;
  constexpr explicit BasicContextSet(ContextId id) { insert(id); }

  constexpr bool contains(ContextId id) const { return (words_[word_of(id)] & mask_of(id)) != 0; }
  constexpr bool meets(const BasicContextSet& other) const { return !(*this & other).is_empty(); }
  constexpr void insert(ContextId id) { words_[word_of(id)] |= mask_of(id); }
  constexpr void erase(ContextId id) { words_[word_of(id)] &= ~mask_of(id); }

  constexpr bool is_empty() const {
    std::uint64_t any = 0;
    for (const std::uint64_t word : words_) any |= word;
    return any == 0;
  }
  // Of a set that is not empty: is it all that it has?
  constexpr bool has_one() const {
    BasicContextSet rest = *this;
    rest.erase_first();
    return rest.is_empty();
  }
  // There are few, and the processor's own instruction is not in the base line of x86-64.
  constexpr unsigned count() const {
    unsigned count = 0;
    for (std::uint64_t word : words_) {
      for (; word != 0; word &= word - 1) ++count;
    }
    return count;
  }

  // These want a set that is not empty.
  constexpr ContextId first() const {
    unsigned i = 0;
    while (i + 1 < word_count && words_[i] == 0) ++i;
    return static_cast<ContextId>(i * word_bits + static_cast<unsigned>(__builtin_ctzll(words_[i])));
  }
  constexpr void erase_first() {
    unsigned i = 0;
    while (i + 1 < word_count && words_[i] == 0) ++i;
    words_[i] &= words_[i] - 1;
  }
  // Member number `n`, from 0, of `count` that there are. Which one does not show in the branches taken: of a random number a
  // processor would guess them wrong.
  constexpr ContextId nth(std::uint64_t n, unsigned count) const {
    BasicContextSet rest = *this;
    for (unsigned i = 1; i < count; ++i) {
      BasicContextSet next = rest;
      next.erase_first();
      for (unsigned word = 0; word < word_count; ++word) {
        rest.words_[word] = i <= n ? next.words_[word] : rest.words_[word];
      }
    }
    return rest.first();
  }
  // The first one behind `id`, and behind the last one the first.
  constexpr ContextId next_after(ContextId id) const {
    const BasicContextSet above = *this - up_to(id);
    return above.is_empty() ? first() : above.first();
  }
  // Those up to `id`, and `id` itself.
  static constexpr BasicContextSet up_to(ContextId id) {
    BasicContextSet set;
    for (unsigned i = 0; i < word_of(id); ++i) set.words_[i] = ~std::uint64_t{0};
    set.words_[word_of(id)] = mask_of(id) | (mask_of(id) - 1);
    return set;
  }

  friend constexpr bool operator==(const BasicContextSet&, const BasicContextSet&) = default;
  constexpr BasicContextSet& operator|=(const BasicContextSet& other) {
    for (unsigned i = 0; i < word_count; ++i) words_[i] |= other.words_[i];
    return *this;
  }
  constexpr BasicContextSet& operator&=(const BasicContextSet& other) {
    for (unsigned i = 0; i < word_count; ++i) words_[i] &= other.words_[i];
    return *this;
  }
  constexpr BasicContextSet& operator-=(const BasicContextSet& other) {
    for (unsigned i = 0; i < word_count; ++i) words_[i] &= ~other.words_[i];
    return *this;
  }
  friend constexpr BasicContextSet operator|(BasicContextSet a, const BasicContextSet& b) { return a |= b; }
  friend constexpr BasicContextSet operator&(BasicContextSet a, const BasicContextSet& b) { return a &= b; }
  friend constexpr BasicContextSet operator-(BasicContextSet a, const BasicContextSet& b) { return a -= b; }

  class Iterator {
   public:
    using value_type = ContextId;
    using difference_type = std::ptrdiff_t;
    constexpr explicit Iterator(const BasicContextSet& set) : rest_(set) {}
    constexpr ContextId operator*() const { return rest_.first(); }
    constexpr Iterator& operator++() {
      rest_.erase_first();
      return *this;
    }
    friend constexpr bool operator==(const Iterator& i, std::default_sentinel_t) { return i.rest_.is_empty(); }

   private:
    BasicContextSet rest_;
  };
  constexpr Iterator begin() const { return Iterator(*this); }
  constexpr std::default_sentinel_t end() const { return {}; }

 private:
  static constexpr unsigned word_of(ContextId id) { return word_count == 1 ? 0 : index_of(id) / word_bits; }
  static constexpr std::uint64_t mask_of(ContextId id) { return std::uint64_t{1} << index_of(id) % word_bits; }

  std::array<std::uint64_t, word_count> words_{};
};

using ContextSet = BasicContextSet<context_count>;

}  // namespace rcufarm::sim
