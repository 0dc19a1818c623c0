// The one signal that the native kernel uses.
//
// Job: its number, and its handler's installation. The handler (nmi.cpp) delivers the nmi that is pending on the CPU of
// the thread that it comes over, if there is one, and does nothing else: a signal too many does no harm.
#pragma once

#include <csignal>

namespace rcufarm::native {

// Ignored by default, and used by no fuzz engine or sanitizer.
inline constexpr int kernel_signal = SIGURG;

// Before the first use; any number of times. Not in a signal handler.
void install_kernel_signal();

}  // namespace rcufarm::native
