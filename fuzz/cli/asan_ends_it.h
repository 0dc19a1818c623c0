// Tests of the whole command: is this build's planted defect one that AddressSanitizer ends?
//
// Job: say so. Of tests alone.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RCUFARM_ASAN_ENDS_IT 1
#endif
#endif
#ifndef RCUFARM_ASAN_ENDS_IT
#define RCUFARM_ASAN_ENDS_IT 0
#endif

namespace rcufarm::cli {

// Its report comes first and ends the process: what the defect reads after the free is no field of the port's.
inline constexpr bool asan_ends_it = RCUFARM_ASAN_ENDS_IT != 0;

}  // namespace rcufarm::cli
