// The little of BPF that an allocator asks for, and what that header brings along.
#pragma once

#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/rcupdate_trace.h>
#include <linux/workqueue.h>
#if __has_include(<linux/bpf_mem_alloc.h>)
#include <linux/bpf_mem_alloc.h>
#endif

static inline bool memcg_bpf_enabled(void) { return true; }
