// A step that is kept: what a search by dpor knows of one that was taken, or that is to be.
//
// Job: the value. Its words stand in itself as long as there are few, so that a step is kept without asking for memory. Owned
// by whoever keeps it.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "machine/engine/check.h"
#include "machine/engine/step.h"

namespace rcufarm::sim {

// The options that a step took, in the order in which it was asked (choice.h).
class Answers {
 public:
  static constexpr unsigned count_max = 15;
  static constexpr unsigned option_max = 0xff;

  unsigned count() const { return count_; }
  unsigned operator[](unsigned i) const { return options_[i]; }
  void clear() { count_ = 0; }
  void add(unsigned option) {
    check(count_ < count_max && option <= option_max,
          "dpor: a step with more than 15 choices, or one of over 255 options");
    options_[count_++] = static_cast<std::uint8_t>(option);
  }
  void cut(unsigned count) { count_ = static_cast<std::uint8_t>(count); }
  // Do both agree as far as they go?
  bool agree(const Answers& other) const {
    for (unsigned i = 0; i < count_ && i < other.count_; ++i) {
      if (options_[i] != other.options_[i]) return false;
    }
    return true;
  }

 private:
  std::array<std::uint8_t, count_max> options_{};
  std::uint8_t count_ = 0;
};

// What two steps that have nothing in common here do not conflict in, unless they are of one context.
struct StepMask {
  Resources resources;
  Resources rivals;  // uses that conflict with those
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  bool is_everything = false;

  bool may_conflict(const StepMask& other) const {
    return is_everything || other.is_everything || rivals.meets(other.resources) ||
           ((writes & (other.reads | other.writes)) | (reads & other.writes)) != 0;
  }
};

class KeptStep {
 public:
  ContextId context = idle_context;
  Op op = Op::none;
  bool is_everything = false;
  Answers answers;

  void keep(const Step& step) {
    context = step.context;
    op = step.op;
    is_everything = step.is_everything;
    mask_ = {step.resources, step.resources.conflicting(), 0, 0, step.is_everything};
    for (const Touched& word : step.words) (word.writes ? mask_.writes : mask_.reads) |= bits_of(word);
    count_ = static_cast<std::uint32_t>(step.words.size());
    if (count_ <= here_.size()) {
      for (unsigned i = 0; i < count_; ++i) here_[i] = step.words[i];
    } else {
      elsewhere_.assign(step.words.begin(), step.words.end());
    }
  }
  std::span<const Touched> words() const { return {count_ <= here_.size() ? here_.data() : elsewhere_.data(), count_}; }
  Resources resources() const { return mask_.resources; }
  const StepMask& mask() const { return mask_; }

  // As conflict() of step.h.
  bool conflicts_with(const KeptStep& other) const {
    return conflicts_but_for_words(other) || conflicts_in_words(other, false);
  }
  // It was taken elsewhere: would it be another step behind `other`? Where memory is not used again, what it allocates is
  // memory that nobody had, here and there, and where that lies does not matter.
  bool is_changed_by(const KeptStep& other) const {
    return conflicts_but_for_words(other) || conflicts_in_words(other, allocates_new_memory());
  }

 private:
  bool allocates_new_memory() const {
    return (op == Op::slab_alloc || op == Op::percpu_alloc) && !mask_.resources.has(Resources::slab_order());
  }
  bool conflicts_but_for_words(const KeptStep& other) const {
    return context == other.context || is_everything || other.is_everything ||
           mask_.rivals.meets(other.mask_.resources);
  }
  bool conflicts_in_words(const KeptStep& other, bool but_for_objects) const {
    if (!mask_.may_conflict(other.mask_)) return false;
    for (const Touched& one : words()) {
      if (but_for_objects && one.bytes > sizeof(std::uint64_t)) continue;
      for (const Touched& another : other.words()) {
        if ((one.writes || another.writes) && overlap(one, another)) return true;
      }
    }
    return false;
  }

  // Words that have no bit in common are others.
  static std::uint64_t bits_of(const Touched& word) {
    const auto first = reinterpret_cast<std::uintptr_t>(word.begin) / sizeof(std::uint64_t);
    const auto last = (reinterpret_cast<std::uintptr_t>(word.begin) + word.bytes - 1) / sizeof(std::uint64_t);
    if (last - first >= 63) return ~std::uint64_t{0};
    const std::uint64_t ones = (std::uint64_t{2} << (last - first)) - 1;
    return std::rotl(ones, static_cast<int>(first % 64));
  }

  StepMask mask_;
  std::uint32_t count_ = 0;
  std::array<Touched, 2> here_;
  std::vector<Touched> elsewhere_;  // all of them, if they are more
};

}  // namespace rcufarm::sim
