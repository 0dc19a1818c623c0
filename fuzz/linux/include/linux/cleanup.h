// Guards: what is taken at their definition is given back at the end of their scope.
#pragma once

#include <linux/compiler.h>

// A kind of guard is a struct with its begin and its end function. RCUFARM_GUARD_0: of something that there is once (interrupts);
// RCUFARM_GUARD_1: of a `type`. `begin` and `end` speak of it as `held`.
#define RCUFARM_GUARD_0(kind, begin, end)                                                            \
  struct rcufarm_guard_##kind {                                                                      \
    unsigned long flags;                                                                             \
  };                                                                                                 \
  static __always_inline struct rcufarm_guard_##kind rcufarm_guard_begin_##kind(void) {              \
    struct rcufarm_guard_##kind guard, *held = &guard;                                               \
    held->flags = 0;                                                                                 \
    begin;                                                                                           \
    return guard;                                                                                    \
  }                                                                                                  \
  static __always_inline int rcufarm_guard_is_held_##kind(const struct rcufarm_guard_##kind* held) { \
    (void)held;                                                                                      \
    return 1;                                                                                        \
  }                                                                                                  \
  static __always_inline void rcufarm_guard_end_##kind(struct rcufarm_guard_##kind* held) {          \
    (void)held;                                                                                      \
    end;                                                                                             \
  }
#define RCUFARM_GUARD_1(kind, type, begin, end)                                                      \
  struct rcufarm_guard_##kind {                                                                      \
    type* lock;                                                                                      \
    unsigned long flags;                                                                             \
  };                                                                                                 \
  static __always_inline struct rcufarm_guard_##kind rcufarm_guard_begin_##kind(type* lock) {        \
    struct rcufarm_guard_##kind guard, *held = &guard;                                               \
    held->lock = lock;                                                                               \
    held->flags = 0;                                                                                 \
    begin;                                                                                           \
    return guard;                                                                                    \
  }                                                                                                  \
  static __always_inline int rcufarm_guard_is_held_##kind(const struct rcufarm_guard_##kind* held) { \
    return held->lock != 0;                                                                          \
  }                                                                                                  \
  static __always_inline void rcufarm_guard_end_##kind(struct rcufarm_guard_##kind* held) { end; }
// Of one that may fail: `lock` is null then, and there is nothing to give back.
#define RCUFARM_GUARD_1_TRY(kind, type, begin, end) \
  RCUFARM_GUARD_1(kind, type, if (!(begin)) held->lock = 0, if (held->lock != 0) end)

#define RCUFARM_GUARD_NAME_(n) rcufarm_guard_number_##n
#define RCUFARM_GUARD_NAME(n) RCUFARM_GUARD_NAME_(n)
#define RCUFARM_GUARD(kind, name) struct rcufarm_guard_##kind name __cleanup(rcufarm_guard_end_##kind)

#define guard(kind) RCUFARM_GUARD(kind, RCUFARM_GUARD_NAME(__COUNTER__)) = rcufarm_guard_begin_##kind
// Of one that may fail, the body is left out then; or `failed` done instead of it.
#define scoped_guard(kind, ...)                                                         \
  for (RCUFARM_GUARD(kind, held) = rcufarm_guard_begin_##kind(__VA_ARGS__),             \
                           *scope = rcufarm_guard_is_held_##kind(&held) ? &held : NULL; \
       scope != NULL; scope = NULL)
#define scoped_cond_guard(kind, failed, ...)                                                               \
  for (RCUFARM_GUARD(kind, held) = rcufarm_guard_begin_##kind(__VA_ARGS__), *scope = &held; scope != NULL; \
       scope = NULL)                                                                                       \
    if (!rcufarm_guard_is_held_##kind(scope)) {                                                            \
      failed;                                                                                              \
    } else

// A pointer that is freed at the end of its scope, unless somebody takes it out of it.
#define DEFINE_FREE(name, type, free)                        \
  static __always_inline void rcufarm_free_##name(void* p) { \
    type _T = *(type*)p;                                     \
    free;                                                    \
  }
#define __free(name) __cleanup(rcufarm_free_##name)
#define no_free_ptr(p)        \
  ({                          \
    __typeof__(p) taken_ = p; \
    (p) = NULL;               \
    taken_;                   \
  })
#define return_ptr(p) return no_free_ptr(p)
