// Warnings are findings. The run ends at the first, so "once" is as good as always.
#pragma once

#include <linux/kernel.h>

bool rcufarm_warn_on(bool condition, const char* text);

#define WARN_ON(condition) unlikely(rcufarm_warn_on(!!(condition), "WARN_ON(" #condition ")"))
#define WARN_ON_ONCE(condition) unlikely(rcufarm_warn_on(!!(condition), "WARN_ON_ONCE(" #condition ")"))
#define WARN(condition, ...) WARN_ON(condition)
#define WARN_ONCE(condition, ...) WARN_ON_ONCE(condition)
#define VM_WARN_ON_ONCE(condition) WARN_ON_ONCE(condition)
#define BUG_ON(condition) ((void)rcufarm_warn_on(!!(condition), "BUG_ON(" #condition ")"))
#define BUILD_BUG_ON(condition) _Static_assert(!(condition), #condition)
#define BUILD_BUG_ON_MSG(condition, message) _Static_assert(!(condition), message)
#ifndef __cplusplus
#define static_assert _Static_assert
#endif

#define BUG() BUG_ON(1)

// Each place prints its first line, and no other: there are millions of runs.
void rcufarm_printk(const char* format, ...);
#define KERN_ERR ""
#define KERN_WARNING ""
#define KERN_INFO ""
#define KERN_DEBUG ""
#define printk(...) rcufarm_printk(__VA_ARGS__)
#define pr_warn(...) rcufarm_printk(__VA_ARGS__)
#define pr_warn_once(...) rcufarm_printk(__VA_ARGS__)
#define pr_warn_ratelimited(...) rcufarm_printk(__VA_ARGS__)
#define pr_err(...) rcufarm_printk(__VA_ARGS__)
#define pr_err_once(...) rcufarm_printk(__VA_ARGS__)
#define pr_info(...) rcufarm_printk(__VA_ARGS__)
#define pr_info_once(...) rcufarm_printk(__VA_ARGS__)
#define pr_debug(...) ((void)0)
