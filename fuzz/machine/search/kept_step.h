// A step that is kept: what a search by dpor knows of one that was taken, or that is to be.
//
// Job: the value. Its words stand in itself as long as there are few, so that a step is kept without asking for memory. Owned
// by whoever keeps it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "machine/engine/check.h"
#include "machine/engine/step.h"

namespace rcufarm::sim {

// The options that a step took, in the order in which it was asked (choice.h).
class Answers {
 public:
  unsigned count() const { return count_; }
  unsigned operator[](unsigned i) const { return options_[i]; }
  void clear() { count_ = 0; }
  void add(unsigned option) {
    check(count_ < options_.size() && option <= 0xff,
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
  std::array<std::uint8_t, 15> options_{};
  std::uint8_t count_ = 0;
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
    resources_ = step.resources;
    rivals_ = step.resources.conflicting();
    count_ = static_cast<std::uint32_t>(step.words.size());
    if (count_ <= here_.size()) {
      for (unsigned i = 0; i < count_; ++i) here_[i] = step.words[i];
    } else {
      elsewhere_.assign(step.words.begin(), step.words.end());
    }
  }
  std::span<const Touched> words() const { return {count_ <= here_.size() ? here_.data() : elsewhere_.data(), count_}; }
  Resources resources() const { return resources_; }

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
    return (op == Op::slab_alloc || op == Op::percpu_alloc) && !resources_.has(Resources::slab_order());
  }
  bool conflicts_but_for_words(const KeptStep& other) const {
    return context == other.context || is_everything || other.is_everything || rivals_.meets(other.resources_);
  }
  bool conflicts_in_words(const KeptStep& other, bool but_for_objects) const {
    for (const Touched& one : words()) {
      if (but_for_objects && one.bytes > sizeof(std::uint64_t)) continue;
      for (const Touched& another : other.words()) {
        if ((one.writes || another.writes) && overlap(one, another)) return true;
      }
    }
    return false;
  }

  Resources resources_;
  Resources rivals_;  // uses that conflict with those
  std::uint32_t count_ = 0;
  std::array<Touched, 2> here_;
  std::vector<Touched> elsewhere_;  // all of them, if they are more
};

}  // namespace rcufarm::sim
