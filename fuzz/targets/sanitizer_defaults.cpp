// What the sanitizers are told when nobody sets their environment variables.
//
// Job: the options that every program of this folder runs with. Called by the sanitizer's runtime before main().

// halt_on_error: a report ends the process, so that the input that is kept is the one that raced.
// report_signal_unsafe: nmis are signal handlers that run an allocator made for them; it calls no libc from there.
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() {
  return "halt_on_error=1:report_signal_unsafe=0:second_deadlock_stack=1";
}

// Leaks are the slab's books' business, which know whose they are; threads of the pool live to the end.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "detect_leaks=0:detect_stack_use_after_return=0"; }

extern "C" const char* __ubsan_default_options();
extern "C" const char* __ubsan_default_options() { return "print_stacktrace=1"; }
