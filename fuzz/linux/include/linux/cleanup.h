// Guards: what is taken at their definition is given back at the end of their scope.
#pragma once

#include <linux/compiler.h>

// For each kind of guard a shim header declares: struct rcufarm_guard_KIND; its begin and its end function.
#define RCUFARM_GUARD_NAME_(line) rcufarm_guard_of_line_##line
#define RCUFARM_GUARD_NAME(line) RCUFARM_GUARD_NAME_(line)
#define RCUFARM_GUARD(kind, name) struct rcufarm_guard_##kind name __cleanup(rcufarm_guard_end_##kind)

#define guard(kind) RCUFARM_GUARD(kind, RCUFARM_GUARD_NAME(__LINE__)) = rcufarm_guard_begin_##kind
#define scoped_guard(kind, ...) \
  for (RCUFARM_GUARD(kind, held) = rcufarm_guard_begin_##kind(__VA_ARGS__), *scope = &held; scope != NULL; scope = NULL)
