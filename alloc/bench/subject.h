// An allocator under test, seen from the loops of the benchmark.
//
// Job: one shape for ours and theirs, so that all run through the same loop: each call goes through a function pointer
// that the compiler cannot see through, as it does for a function of a shared library. A subject is a value, copied by
// each thread; what it points to belongs to main.
#pragma once

#include <concepts>
#include <cstddef>

#include "bench/baselines.h"

namespace rcufarm::bench {

inline constexpr std::size_t object_bytes = 64;  // the user's bytes, for every allocator

// Makes a value opaque, so that a call through it stays an indirect call.
template <class T>
T opaque(T value) {
  asm volatile("" : "+r"(value));
  return value;
}

// A subject allocates and frees, and says what a thread must hold while it does.
template <class S>
concept Subject = std::copyable<S> && requires(const S s, void* object, unsigned index) {
  { s.allocate() } -> std::same_as<void*>;
  { s.release(object) } -> std::same_as<void>;
  s.enter_thread(index);  // RAII; index: 0 or 1, the thread's number in this benchmark
};

struct NothingToHold {};

class MallocSubject {
 public:
  explicit MallocSubject(const Baseline& baseline) : malloc_(opaque(baseline.malloc)), free_(opaque(baseline.free)) {}
  void* allocate() const { return malloc_(object_bytes); }
  void release(void* object) const { free_(object); }
  NothingToHold enter_thread(unsigned /*index*/) const { return {}; }

 private:
  MallocFunction malloc_;
  FreeFunction free_;
};
static_assert(Subject<MallocSubject>);

// What the loop itself costs: the same indirect calls, to functions that do nothing.
class NoAllocator {
 public:
  NoAllocator() : allocate_(opaque(&give)), release_(opaque(&take)) {}
  void* allocate() const { return allocate_(object_bytes); }
  void release(void* object) const { release_(object); }
  NothingToHold enter_thread(unsigned /*index*/) const { return {}; }

 private:
  static void* give(std::size_t /*bytes*/) {
    alignas(16) static thread_local std::byte object[object_bytes];
    return object;
  }
  static void take(void* /*object*/) {}
  MallocFunction allocate_;
  FreeFunction release_;
};
static_assert(Subject<NoAllocator>);

// The first word of an object, as a user would touch it.
inline void touch(void* object, std::size_t value) { *static_cast<volatile std::size_t*>(object) = value; }

}  // namespace rcufarm::bench
