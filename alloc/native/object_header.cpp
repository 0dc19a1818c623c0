#include "native/object_header.h"

#include "native/tsan.h"

namespace rcufarm::native {

RCUFARM_READS_ANYTHING std::uint64_t seal_before(const void* address) noexcept {
  constexpr std::uintptr_t lowest = 0x1'0000;  // nothing is mapped below
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  if (at < lowest || at % 16 != 0) return 0;
  const tsan::Unseen looking;
  return *reinterpret_cast<const volatile std::uint64_t*>(at - seal_distance);
}

RCUFARM_READS_ANYTHING const void* first_word_of(const void* object) noexcept {
  const tsan::Unseen looking;
  return *static_cast<const void* const volatile*>(object);
}

}  // namespace rcufarm::native
