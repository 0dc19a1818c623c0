// Guards: what is taken at their definition is given back at the end of their scope.
#pragma once

#include <linux/compiler.h>

#ifdef __cplusplus
// The shim's own sources, which have no guards.
#define DEFINE_LOCK_GUARD_0(...)
#define DEFINE_LOCK_GUARD_1(...)
#define DEFINE_LOCK_GUARD_1_COND(...)
#define DEFINE_FREE(...)
#else
// A kind of guard is a struct with its begin and its end function; both speak of it, or of what it was given, as `_T`. `begin` and `end` of
// DEFINE_LOCK_GUARD_0 and _1 may have members of their own there (`unsigned long flags`).
#define RCUFARM_GUARD_KIND(kind, given, begin, end)                                      \
  static __always_inline struct rcufarm_guard_##kind rcufarm_guard_begin_##kind(given) { \
    struct rcufarm_guard_##kind guard = {0};                                             \
    begin;                                                                               \
    return guard;                                                                        \
  }                                                                                      \
  static __always_inline void rcufarm_guard_end_##kind(struct rcufarm_guard_##kind* guard) { end; }
#define RCUFARM_GUARD_IS_HELD(kind, held) \
  static __always_inline int rcufarm_guard_is_held_##kind(const struct rcufarm_guard_##kind* guard) { return held; }
#define RCUFARM_GUARD_SELF(kind, guard, what)      \
  {                                                \
    struct rcufarm_guard_##kind* const _T = guard; \
    (void)_T;                                      \
    what;                                          \
  }
// Of something that there is once (interrupts); of a lock of a type; of a pointer.
#define DEFINE_LOCK_GUARD_0(kind, begin, end, ...)                                                  \
  struct rcufarm_guard_##kind {                                                                     \
    int is_held;                                                                                    \
    __VA_ARGS__;                                                                                    \
  };                                                                                                \
  RCUFARM_GUARD_KIND(kind, void, guard.is_held = 1;                                                 \
                     RCUFARM_GUARD_SELF(kind, &guard, begin), RCUFARM_GUARD_SELF(kind, guard, end)) \
  RCUFARM_GUARD_IS_HELD(kind, guard->is_held)
#define DEFINE_LOCK_GUARD_1(kind, type, begin, end, ...)                                                              \
  struct rcufarm_guard_##kind {                                                                                       \
    type* lock;                                                                                                       \
    __VA_ARGS__;                                                                                                      \
  };                                                                                                                  \
  RCUFARM_GUARD_KIND(kind, type* what, guard.lock = what; RCUFARM_GUARD_SELF(kind, &guard, begin),                    \
                                                          if (guard->lock != 0) RCUFARM_GUARD_SELF(kind, guard, end)) \
  RCUFARM_GUARD_IS_HELD(kind, guard->lock != 0)
#define DEFINE_GUARD(kind, type, begin, end)                         \
  struct rcufarm_guard_##kind {                                      \
    type lock;                                                       \
  };                                                                 \
  RCUFARM_GUARD_KIND(                                                \
      kind, type _T, guard.lock = _T; begin, if (guard->lock != 0) { \
        type _T = guard->lock;                                       \
        end;                                                         \
      })                                                             \
  RCUFARM_GUARD_IS_HELD(kind, guard->lock != 0)
// The same lock by a call that may fail: `lock` is null then, and there is nothing to give back. A condition on the call's result, `_RET`,
// may follow.
#define RCUFARM_SECOND(first, second, ...) (second)
#define RCUFARM_IS_TAKEN(begin, ...)                \
  ({                                                \
    const long _RET = (long)(begin);                \
    RCUFARM_SECOND(0, ##__VA_ARGS__, _RET, 0) != 0; \
  })
#define RCUFARM_GUARD_COND(kind, extension, given, begin, ...)                            \
  struct rcufarm_guard_##kind##extension {                                                \
    struct rcufarm_guard_##kind of;                                                       \
  };                                                                                      \
  RCUFARM_GUARD_KIND(kind##extension, given, begin, rcufarm_guard_end_##kind(&guard->of)) \
  RCUFARM_GUARD_IS_HELD(kind##extension, rcufarm_guard_is_held_##kind(&guard->of))
#define DEFINE_LOCK_GUARD_1_COND(kind, extension, begin, ...)                                                         \
  RCUFARM_GUARD_COND(kind, extension, __typeof__(((struct rcufarm_guard_##kind*)0)->lock) what, guard.of.lock = what; \
                     RCUFARM_GUARD_SELF(kind, &guard.of, if (!RCUFARM_IS_TAKEN(begin, ##__VA_ARGS__)) _T->lock = 0))
#define DEFINE_GUARD_COND(kind, extension, begin, ...)                                        \
  RCUFARM_GUARD_COND(kind, extension, __typeof__(((struct rcufarm_guard_##kind*)0)->lock) _T, \
                     if (RCUFARM_IS_TAKEN(begin, ##__VA_ARGS__)) guard.of.lock = _T)

#define RCUFARM_GUARD_NAME_(n) rcufarm_guard_number_##n
#define RCUFARM_GUARD_NAME(n) RCUFARM_GUARD_NAME_(n)
#define RCUFARM_GUARD(kind, name) struct rcufarm_guard_##kind name __maybe_unused __cleanup(rcufarm_guard_end_##kind)

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

// A variable of a kind, with what it begins as and what is done at the end of its scope.
#define DEFINE_CLASS(name, type, end, begin, ...)                       \
  typedef type rcufarm_class_##name;                                    \
  static __always_inline type rcufarm_class_begin_##name(__VA_ARGS__) { \
    type begun = begin;                                                 \
    return begun;                                                       \
  }                                                                     \
  static __always_inline void rcufarm_class_end_##name(type* p) {       \
    type _T = *p;                                                       \
    end;                                                                \
  }
#define CLASS(name, variable) \
  rcufarm_class_##name variable __cleanup(rcufarm_class_end_##name) = rcufarm_class_begin_##name
#endif
