// FixedList: up to N elements in place, in order.
//
// Job: hold the few tasks, caches and programs of a scenario without a heap block for the list itself, and keep the
// storage inside its elements when a scenario is reused for the next input. Owned by whoever holds it; not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "scenario/check.h"

namespace rcufarm::scenario {

// T has `clear()`, which makes it equal to a new one and may keep its storage.
template <class T, std::size_t N>
class FixedList {
 public:
  static constexpr std::size_t capacity = N;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == N; }

  T& operator[](std::size_t i) {
    check(i < size_, "FixedList: index past the end");
    return items_[i];
  }
  const T& operator[](std::size_t i) const {
    check(i < size_, "FixedList: index past the end");
    return items_[i];
  }
  T* begin() { return items_.data(); }
  T* end() { return items_.data() + size_; }
  const T* begin() const { return items_.data(); }
  const T* end() const { return items_.data() + size_; }

  // Elements that appear are as new.
  void resize(std::size_t size) {
    check(size <= N, "FixedList: more elements than it can hold");
    for (std::size_t i = size; i < size_; ++i) items_[i].clear();
    size_ = size;
  }
  T& add() {
    resize(size_ + 1);
    return items_[size_ - 1];
  }
  void erase(std::size_t i) {
    check(i < size_, "FixedList: index past the end");
    std::rotate(items_.begin() + static_cast<std::ptrdiff_t>(i), items_.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                items_.begin() + static_cast<std::ptrdiff_t>(size_));
    resize(size_ - 1);
  }

  friend bool operator==(const FixedList& a, const FixedList& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::array<T, N> items_{};
  std::size_t size_ = 0;
};

}  // namespace rcufarm::scenario
