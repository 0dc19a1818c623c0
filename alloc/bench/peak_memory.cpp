#include "bench/peak_memory.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "bench/clocks.h"

namespace rcufarm::bench {
namespace {

// Reads without allocating: the sampler must not add to what it measures.
std::int64_t read_resident_pages() {
  static const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  std::array<char, 128> text{};
  const ssize_t got = pread(file, text.data(), text.size() - 1, 0);
  long size = 0;
  long resident = 0;
  if (got <= 0 || std::sscanf(text.data(), "%ld %ld", &size, &resident) != 2) {
    std::fputs("bench: /proc/self/statm cannot be read; mount /proc to measure memory\n", stderr);
    std::abort();
  }
  return resident;
}

}  // namespace

void settle_resident_set() {
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    void* begin = nullptr;
    void* end = nullptr;
    std::array<char, 5> rights{};
    if (line.find('/') == std::string::npos) continue;
    if (std::sscanf(line.c_str(), "%p-%p %4s", &begin, &end, rights.data()) != 3 || rights[0] != 'r') continue;
    // Best effort: an older kernel refuses, and then the pages that are touched later count on both sides.
    madvise(begin, static_cast<std::size_t>(static_cast<char*>(end) - static_cast<char*>(begin)), MADV_POPULATE_READ);
  }
}

std::int64_t resident_bytes() { return read_resident_pages() * sysconf(_SC_PAGESIZE); }

PeakMemory::PeakMemory() : base_bytes_(0), peak_bytes_(0), thread_([this] { run(); }) {
  while (!started_.load()) sched_yield();  // so that the sampler's own stack counts into the base
  sample();
  base_bytes_ = peak_bytes_.load();
}

PeakMemory::~PeakMemory() {
  if (thread_.joinable()) finish();
}

std::int64_t PeakMemory::finish() {
  stop_.store(true);
  thread_.join();
  sample();
  return std::max<std::int64_t>(0, peak_bytes_.load() - base_bytes_);
}

std::int64_t PeakMemory::sampler_cpu_ns() { return thread_cpu_ns(thread_.native_handle()); }

void PeakMemory::sample() {
  const std::int64_t now = resident_bytes();
  std::int64_t seen = peak_bytes_.load();
  while (now > seen && !peak_bytes_.compare_exchange_weak(seen, now)) {
  }
}

void PeakMemory::run() {
  prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  const timespec pause{0, period_ns};
  while (!stop_.load()) {
    sample();
    started_.store(true);
    nanosleep(&pause, nullptr);
  }
}

}  // namespace rcufarm::bench
