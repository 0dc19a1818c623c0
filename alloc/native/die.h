// The end of the program on a mistake of the host's or of our own.
//
// Job: say what is wrong and abort. Any context, also a signal handler: no allocation, no stdio.
#pragma once

namespace rcufarm::native {

// Writes "rcufarm native kernel: <what><detail>" to standard error and aborts.
[[noreturn]] void die(const char* what, const char* detail = "") noexcept;

// What holds unless we made a mistake.
inline void check(bool holds, const char* what) noexcept {
  if (!holds) [[unlikely]]
    die("internal check failed: ", what);
}

}  // namespace rcufarm::native
