// What the kernel's annotations mean to this compiler: most of them nothing.
#pragma once

#define __percpu
#define __rcu
#define __user
#define __iomem
#define __force
#define __kernel
#define __init
#define __exit
#define __must_check
#define __ro_after_init
#define __read_mostly
#define __acquires(lock)
#define __releases(lock)
#define __must_hold(lock)
#define __counted_by(field)
#define __data_racy
#define notrace
#define noinline __attribute__((noinline))
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#define __maybe_unused __attribute__((unused))
#define __packed __attribute__((packed))
#define __aligned(bytes) __attribute__((aligned(bytes)))
#define __cleanup(function) __attribute__((cleanup(function)))
#define fallthrough __attribute__((fallthrough))
#define __bpf_kfunc
#define __nocfi
