#include "native/die.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace rcufarm::native {
namespace {

void put(const char* text) noexcept {
  std::size_t left = std::strlen(text);
  while (left > 0) {
    const ssize_t written = ::write(STDERR_FILENO, text, left);
    if (written <= 0) return;
    text += written;
    left -= static_cast<std::size_t>(written);
  }
}

}  // namespace

void die(const char* what, const char* detail) noexcept {
  put("rcufarm native kernel: ");
  put(what);
  put(detail);
  put("\n");
  std::abort();
}

}  // namespace rcufarm::native
