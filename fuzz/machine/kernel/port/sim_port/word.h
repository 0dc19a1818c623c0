// Atomic, Plain, Local: fields that the machine reads and writes.
//
// Job: give a T of up to eight bytes a word of its own, so that two fields never share one. No state but the word.
// Any context.
#pragma once

#include <cstring>
#include <type_traits>

#include "sim_port/detail.h"

namespace rcufarm::kernel {
inline namespace sim {

namespace detail {
template <class T>
inline Word to_word(T value) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(Word), "a shared field is at most eight bytes");
  Word word = 0;
  std::memcpy(&word, &value, sizeof(T));
  return word;
}

template <class T>
inline T from_word(Word word) {
  T value;
  std::memcpy(&value, &word, sizeof(T));
  return value;
}
}  // namespace detail

template <class T>
class Atomic {
  using Site = detail::Site;

 public:
  Atomic() : word_(detail::to_word(T{})) {}
  explicit Atomic(T value) : word_(detail::to_word(value)) {}
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

  T load(Order order, const Site& site = Site::here()) const {
    return detail::from_word<T>(::rcufarm::sim::atomic_load(&word_, order, site));
  }
  void store(T value, Order order, const Site& site = Site::here()) {
    ::rcufarm::sim::atomic_store(&word_, detail::to_word(value), order, site);
  }
  T exchange(T value, Order order, const Site& site = Site::here()) {
    return detail::from_word<T>(::rcufarm::sim::atomic_exchange(&word_, detail::to_word(value), order, site));
  }
  bool compare_exchange(T expected, T desired, Order order, const Site& site = Site::here()) {
    return ::rcufarm::sim::atomic_compare_exchange(&word_, detail::to_word(expected), detail::to_word(desired), order,
                                                   site);
  }

 private:
  detail::Word word_;
};

template <class T>
class Plain {
  using Site = detail::Site;

 public:
  Plain() = default;  // contents as found: a field in memory from the slab
  explicit Plain(T value) : word_(detail::to_word(value)) {}

  T get(const Site& site = Site::here()) const {
    return detail::from_word<T>(::rcufarm::sim::plain_load(&word_, site));
  }
  void set(T value, const Site& site = Site::here()) {
    ::rcufarm::sim::plain_store(&word_, detail::to_word(value), site);
  }

 private:
  detail::Word word_;
};

template <class T>
class Local {
  using Site = detail::Site;

 public:
  Local() : word_(detail::to_word(T{})) {}
  explicit Local(T value) : word_(detail::to_word(value)) {}

  T get(const Site& site = Site::here()) const {
    return detail::from_word<T>(::rcufarm::sim::local_load(&word_, site));
  }
  void set(T value, const Site& site = Site::here()) {
    ::rcufarm::sim::local_store(&word_, detail::to_word(value), site);
  }
  T peek() const { return detail::from_word<T>(word_); }

 private:
  detail::Word word_;
};

// A statistic. Not a scheduling point, since nothing may depend on it; but memory that is freed is freed for it, too.
class Counter {
  using Site = detail::Site;

 public:
  void add(std::int64_t n, const Site& site = Site::here()) {
    ::rcufarm::sim::counter_access(this, true, site);
    value_ += n;
  }
  void add_shared(std::int64_t n, const Site& site = Site::here()) { add(n, site); }
  std::int64_t read(const Site& site = Site::here()) const {
    ::rcufarm::sim::counter_access(this, false, site);
    return value_;
  }

 private:
  std::int64_t value_ = 0;
};

}  // namespace sim
}  // namespace rcufarm::kernel
