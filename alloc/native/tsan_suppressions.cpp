// ThreadSanitizer's suppressions, compiled in so that no program depends on an environment variable.
//
// Job: name the libraries that are not instrumented. Linked as an object of its own: in an archive it would lose
// against the runtime's weak function of the same name. A program without ThreadSanitizer never calls it.
//
// liburcu's atomics are inline assembly, so to ThreadSanitizer its readers and its grace periods race, and the mutexes
// that it takes order threads which readers must not rely on. called_from_lib leaves both out; the edges that grace
// periods do give are in tsan.h. Each library must be linked shared for this.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:liburcu-memb.so\n"
         "called_from_lib:liburcu-bp.so\n"
         "called_from_lib:liburcu-common.so\n";
}
