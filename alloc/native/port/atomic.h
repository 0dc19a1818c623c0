// Atomic, Plain, Local: shared fields.
//
// Job: std::atomic with the kernel interface's orders, and fields that are nothing but their value. Any context.
#pragma once

#include <atomic>

#include "kernel/types.h"

namespace rcufarm::kernel {
inline namespace native {

// Always inlined and called with constants, so that each use compiles to the one access that it names. An order that an
// operation does not have counts as seq_cst.
template <class T>
class Atomic {
 public:
  constexpr Atomic() noexcept = default;
  constexpr Atomic(T value) noexcept : value_(value) {}
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

  [[gnu::always_inline]] T load(Order order) const noexcept {
    switch (order) {
      case Order::relaxed: return value_.load(std::memory_order_relaxed);
      case Order::acquire: return value_.load(std::memory_order_acquire);
      case Order::release:
      case Order::acq_rel:
      case Order::seq_cst: break;
    }
    return value_.load(std::memory_order_seq_cst);
  }

  [[gnu::always_inline]] void store(T value, Order order) noexcept {
    switch (order) {
      case Order::relaxed: return value_.store(value, std::memory_order_relaxed);
      case Order::release: return value_.store(value, std::memory_order_release);
      case Order::acquire:
      case Order::acq_rel:
      case Order::seq_cst: break;
    }
    value_.store(value, std::memory_order_seq_cst);
  }

  [[gnu::always_inline]] T exchange(T value, Order order) noexcept {
    switch (order) {
      case Order::relaxed: return value_.exchange(value, std::memory_order_relaxed);
      case Order::acquire: return value_.exchange(value, std::memory_order_acquire);
      case Order::release: return value_.exchange(value, std::memory_order_release);
      case Order::acq_rel: return value_.exchange(value, std::memory_order_acq_rel);
      case Order::seq_cst: break;
    }
    return value_.exchange(value, std::memory_order_seq_cst);
  }

  // Strong: fails only when another value is there. A failure is a load, as strong as the order's acquire half.
  [[gnu::always_inline]] bool compare_exchange(T expected, T desired, Order order) noexcept {
    switch (order) {
      case Order::relaxed:
        return value_.compare_exchange_strong(expected, desired, std::memory_order_relaxed, std::memory_order_relaxed);
      case Order::acquire:
        return value_.compare_exchange_strong(expected, desired, std::memory_order_acquire, std::memory_order_acquire);
      case Order::release:
        return value_.compare_exchange_strong(expected, desired, std::memory_order_release, std::memory_order_relaxed);
      case Order::acq_rel:
        return value_.compare_exchange_strong(expected, desired, std::memory_order_acq_rel, std::memory_order_acquire);
      case Order::seq_cst: break;
    }
    return value_.compare_exchange_strong(expected, desired, std::memory_order_seq_cst, std::memory_order_seq_cst);
  }

 private:
  std::atomic<T> value_{};
};

// Something else keeps its users apart: a T.
template <class T>
class Plain {
 public:
  constexpr Plain() noexcept = default;
  constexpr Plain(T value) noexcept : value_(value) {}

  T get() const noexcept { return value_; }
  void set(T value) noexcept { value_ = value; }

 private:
  T value_{};
};

// Contexts of one CPU share it: what comes over another runs on the same thread, so a relaxed access that the compiler
// neither moves nor splits is enough.
template <class T>
class Local {
 public:
  constexpr Local() noexcept = default;
  constexpr Local(T value) noexcept : value_(value) {}
  Local(const Local&) = delete;
  Local& operator=(const Local&) = delete;

  [[gnu::always_inline]] T get() const noexcept {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    const T value = value_.load(std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    return value;
  }
  [[gnu::always_inline]] void set(T value) noexcept {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    value_.store(value, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  T peek() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<T> value_{};
};

}  // namespace native
}  // namespace rcufarm::kernel
