// Everything that AddressSanitizer has to be told. Empty without it.
//
// Job: close memory that the slab holds but nobody may touch. The slab's own look at closed memory is in functions that
// are not instrumented.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define RCUFARM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RCUFARM_ASAN 1
#endif
#endif
#ifndef RCUFARM_ASAN
#define RCUFARM_ASAN 0
#endif

#if RCUFARM_ASAN
#include <sanitizer/asan_interface.h>
#endif

// For a function that reads memory which may not be anybody's.
#define RCUFARM_READS_ANYTHING __attribute__((no_sanitize_address))

namespace rcufarm::native::asan {

inline constexpr bool enabled = RCUFARM_ASAN != 0;

inline void close([[maybe_unused]] const volatile void* begin, [[maybe_unused]] std::size_t bytes) noexcept {
#if RCUFARM_ASAN
  __asan_poison_memory_region(begin, bytes);
#endif
}
inline void open([[maybe_unused]] const volatile void* begin, [[maybe_unused]] std::size_t bytes) noexcept {
#if RCUFARM_ASAN
  __asan_unpoison_memory_region(begin, bytes);
#endif
}

}  // namespace rcufarm::native::asan
