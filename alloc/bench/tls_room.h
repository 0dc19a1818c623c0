// Room for the thread-local storage of libraries that are loaded late.
//
// Job: let the allocators that we compare with live beside each other in one process. They are loaded with dlopen, and
// some of them (jemalloc: 2.6 KB) put their state into the static TLS block, whose spare room glibc fixes at program
// start. No state. Called by main, before any thread exists.
#pragma once

namespace rcufarm::bench {

// Executes this program again with more spare room, unless it has it. Returns if it has it, or if executing failed: then
// loading the library says what is missing.
void ensure_tls_room(char** argv);

}  // namespace rcufarm::bench
