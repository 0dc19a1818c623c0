// Memory models: which stores may a load read, and where in the order of its word's stores may a store go?
//
// Job: name them, for settings, findings and command lines. No state. README.md says what each covers and what it does not.
#pragma once

#include <cstdint>
#include <string_view>

namespace rcufarm::sim {

enum class MemoryModel : std::uint8_t {
  sc,      // sequential consistency: a load reads the newest store
  tso,     // x86: each CPU has a store buffer
  c11,     // C++20 without load buffering
  kernel,  // the kernel's (tools/memory-model) without load buffering
};
inline constexpr unsigned memory_models = 4;

constexpr const char* name_of(MemoryModel model) {
  switch (model) {
    case MemoryModel::sc: return "sc";
    case MemoryModel::tso: return "tso";
    case MemoryModel::c11: return "c11";
    case MemoryModel::kernel: return "kernel";
  }
  return "unknown";
}

// False if there is none of that name.
constexpr bool model_named(std::string_view name, MemoryModel& model) {
  for (unsigned i = 0; i < memory_models; ++i) {
    if (name != name_of(static_cast<MemoryModel>(i))) continue;
    model = static_cast<MemoryModel>(i);
    return true;
  }
  return false;
}

// A fence of its own, in the kernel's terms and in C++'s.
enum class Fence : std::uint8_t {
  full,     // smp_mb, atomic_thread_fence(seq_cst)
  read,     // smp_rmb
  write,    // smp_wmb
  acquire,  // atomic_thread_fence(acquire)
  release,  // atomic_thread_fence(release)
};

}  // namespace rcufarm::sim
