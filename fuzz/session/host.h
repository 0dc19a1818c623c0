// What a session must know of the host and of a program before it starts anything.
//
// Job: find out which sanitizer a program was built with, and refuse what is known not to start. No state.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "session/figures.h"

namespace rcufarm::session {

// The sanitizer whose runtime the program carries, from the names in the file (a stripped, static one tells nothing).
Sanitizer sanitizer_of(const std::filesystem::path& program);

// Why ThreadSanitizer cannot start on this host and what to do about it; nothing if it can. Its fixed address layout
// meets a randomised mmap above 28 bits. `setting` is the kernel's file; a host without it is fine.
std::optional<std::string> tsan_obstacle(const std::filesystem::path& setting = "/proc/sys/vm/mmap_rnd_bits");

// How many CPUs this process may use, at least 1.
unsigned usable_cpus();

}  // namespace rcufarm::session
