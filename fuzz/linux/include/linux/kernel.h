// Small helpers that every file of the kernel takes for granted.
#pragma once

#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/kconfig.h>
#include <linux/types.h>

#define container_of(pointer, type, member) ((type*)((char*)(pointer)-offsetof(type, member)))
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define RCUFARM_PICK(op, a, b)                  \
  ({                                            \
    __typeof__(a) picked_a = (a);               \
    __typeof__(b) picked_b = (b);               \
    picked_a op picked_b ? picked_a : picked_b; \
  })
#define min(a, b) RCUFARM_PICK(<, a, b)
#define max(a, b) RCUFARM_PICK(>, a, b)
#define min_t(type, a, b) min((type)(a), (type)(b))
#define max_t(type, a, b) max((type)(a), (type)(b))
#define clamp(value, low, high) min(max(value, low), high)
#define round_up(n, to) ((((n)-1) | ((__typeof__(n))(to)-1)) + 1)
#define ALIGN(n, to) round_up(n, to)
#define round_down(n, to) ((n) & ~((__typeof__(n))(to)-1))
#define IS_ALIGNED(n, to) (((n) & ((__typeof__(n))(to)-1)) == 0)
#define DIV_ROUND_UP(n, by) (((n) + (by)-1) / (by))

// The number of the highest bit that is set, from 1; of 0: 0.
static inline int fls(unsigned int n) { return n == 0 ? 0 : 32 - __builtin_clz(n); }
static inline int fls64(u64 n) { return n == 0 ? 0 : 64 - __builtin_clzll(n); }
static inline int ilog2(u64 n) { return fls64(n) - 1; }

// Once, before anything else runs.
#define RCUFARM_INITCALL(function) \
  __attribute__((constructor)) static void rcufarm_initcall_##function(void) { function(); }
#define subsys_initcall(function) RCUFARM_INITCALL(function)
#define late_initcall(function) RCUFARM_INITCALL(function)
#define module_init(function) RCUFARM_INITCALL(function)
#define EXPORT_SYMBOL(symbol)
#define EXPORT_SYMBOL_GPL(symbol)
#define EXPORT_SYMBOL_NS(symbol, namespace)
#define EXPORT_SYMBOL_NS_GPL(symbol, namespace)
#define EXPORT_SYMBOL_FOR_MODULES(symbol, modules)
#define EXPORT_SYMBOL_GPL_FOR_MODULES(symbol, modules)
#define EXPORT_SYMBOL_IF_KUNIT(symbol)
#define EXPORT_PER_CPU_SYMBOL(symbol)
#define EXPORT_PER_CPU_SYMBOL_GPL(symbol)
#define MODULE_LICENSE(text)
#define MODULE_AUTHOR(text)
#define MODULE_DESCRIPTION(text)
#define MODULE_IMPORT_NS(namespace)

#ifndef __cplusplus
int snprintf(char* text, size_t bytes, const char* format, ...);
#endif
#define scnprintf(text, bytes, ...) snprintf(text, bytes, __VA_ARGS__)
