#include "native/die.h"

#include <sys/uio.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <iterator>

namespace rcufarm::native {

// In one piece, since others may be dying, too.
void die(const char* what, const char* detail) noexcept {
  const auto piece = [](const char* text) { return iovec{const_cast<char*>(text), std::strlen(text)}; };
  const iovec line[] = {piece("rcufarm native kernel: "), piece(what), piece(detail), piece("\n")};
  static_cast<void>(::writev(STDERR_FILENO, line, std::size(line)));
  std::abort();
}

}  // namespace rcufarm::native
