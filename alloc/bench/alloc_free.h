// (a) Allocation and free on one CPU, and (b) allocation on one CPU with the free on another.
//
// Job: the two loops, as templates over the subject, and their registration with Google Benchmark. Called by main
// before the benchmarks run.
#pragma once

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <string>
#include <variant>

#include "bench/spsc_ring.h"
#include "bench/subject.h"

namespace rcufarm::bench {

// Allocates Batch objects, then frees them, in the order of their allocation. CPU time per iteration is that of one
// batch; "objects" says how many that is.
template <std::size_t Batch, Subject S>
void alloc_free_loop(benchmark::State& state, const S& shared_subject) {
  const S subject = shared_subject;
  [[maybe_unused]] const auto held = subject.enter_thread(static_cast<unsigned>(state.thread_index()));
  std::array<void*, Batch> objects{};
  for (auto _ : state) {
    for (std::size_t i = 0; i < Batch; ++i) {
      objects[i] = subject.allocate();
      if (objects[i] == nullptr) [[unlikely]]
        return state.SkipWithError("out of memory");
      touch(objects[i], i);
    }
    for (std::size_t i = 0; i < Batch; ++i) subject.release(objects[i]);
  }
  state.counters["objects"] = benchmark::Counter(Batch, benchmark::Counter::kAvgThreads);
}

inline constexpr std::size_t ring_capacity = 256;
using Ring = SpscRing<ring_capacity>;

// Thread 0 allocates and touches, thread 1 reads and frees; an iteration is one object. "objects_per_s" is by the wall
// clock.
template <Subject S>
void cross_cpu_loop(benchmark::State& state, const S& shared_subject, Ring& ring) {
  const S subject = shared_subject;
  const bool producer = state.thread_index() == 0;
  [[maybe_unused]] const auto held = subject.enter_thread(static_cast<unsigned>(state.thread_index()));
  std::size_t sum = 0;
  for (auto _ : state) {
    if (producer) {
      void* object = subject.allocate();
      if (object != nullptr) [[likely]]
        touch(object, 1);
      ring.push(object);  // a null as well: the other side counts on one object for each iteration
    } else {
      void* object = ring.pop();
      if (object == nullptr) [[unlikely]]
        continue;
      sum += *static_cast<const std::size_t*>(object);
      subject.release(object);
    }
  }
  if (producer) return;
  if (sum != static_cast<std::size_t>(state.iterations())) state.SkipWithError("objects were lost or not allocated");
  state.counters["objects_per_s"] = benchmark::Counter(static_cast<double>(sum), benchmark::Counter::kIsRate);
}

template <Subject S>
void register_alloc_free(const std::string& name, const S& subject) {
  const auto add = [&](const std::string& batch, auto loop) {
    benchmark::RegisterBenchmark(("a/" + name + "/batch:" + batch).c_str(),
                                 [subject, loop](benchmark::State& state) { loop(state, subject); })
        ->Threads(1)
        ->Threads(2);
  };
  add("1", &alloc_free_loop<1, S>);
  add("32", &alloc_free_loop<32, S>);
  add("64", &alloc_free_loop<64, S>);
}

template <Subject S>
void register_cross_cpu(const std::string& name, const S& subject, Ring& ring) {
  benchmark::RegisterBenchmark(("b/" + name).c_str(),
                               [subject, &ring](benchmark::State& state) { cross_cpu_loop(state, subject, ring); })
      ->Threads(2)
      ->UseRealTime();
}

}  // namespace rcufarm::bench
