#include "native/fill.h"

#include "native/tsan.h"

namespace rcufarm::native::fill {

RCUFARM_READS_ANYTHING std::size_t first_difference(const void* begin, std::size_t bytes,
                                                    unsigned char pattern) noexcept {
  const tsan::Unseen looking;
  const auto* at = static_cast<const volatile unsigned char*>(begin);
  for (std::size_t i = 0; i < bytes; ++i) {
    if (at[i] != pattern) return i;
  }
  return bytes;
}

}  // namespace rcufarm::native::fill
