// What clang calls before each load and store of the kernel's code (-fsanitize-coverage=trace-loads,trace-stores).
//
// Job: those of the machine's memory are scheduling points; all others return at once. The counters are the price: it gives
// the other two only beside a kind of coverage. Not instrumented itself.
#include "machine/hooks/foreign.h"
#include "machine/hooks/places.h"

namespace {

inline void announce(const void* address, unsigned bytes, bool writes, const void* caller) {
  using namespace rcufarm;
  if (!sim::foreign::is_watched(address)) return;
  sim::foreign::before_access(address, bytes, writes, hooks::place_of(caller));
}

}  // namespace

#define RCUFARM_ANNOUNCED(bytes, type)                                                                  \
  void __sanitizer_cov_load##bytes(type* p) { announce(p, bytes, false, __builtin_return_address(0)); } \
  void __sanitizer_cov_store##bytes(type* p) { announce(p, bytes, true, __builtin_return_address(0)); }

extern "C" {
#ifdef RCUFARM_LINUX_DROPS_COUNTERS
void __sanitizer_cov_8bit_counters_init(char*, char*) {}
#endif

RCUFARM_ANNOUNCED(1, std::uint8_t)
RCUFARM_ANNOUNCED(2, std::uint16_t)
RCUFARM_ANNOUNCED(4, std::uint32_t)
RCUFARM_ANNOUNCED(8, std::uint64_t)
// Two words, one after the other.
void __sanitizer_cov_load16(void* p) {
  announce(p, 8, false, __builtin_return_address(0));
  announce(static_cast<char*>(p) + 8, 8, false, __builtin_return_address(0));
}
void __sanitizer_cov_store16(void* p) {
  announce(p, 8, true, __builtin_return_address(0));
  announce(static_cast<char*>(p) + 8, 8, true, __builtin_return_address(0));
}
}
