// The kernel interface for code that is compiled through the hooks: alloc/kernel/kernel.h includes it when fuzz/machine/hooks/port is on
// the include path before fuzz/machine/kernel/port.
//
// Job: name the port, and put its parts together. Words and lists are the native kernel's: plain memory, atomics and loops as real
// threads run them, of which the machine knows what the compiler announces. All else is the simulated port's. Code
// built on it is compiled with -fsanitize=thread (rcufarm_add_hooked_alloc() in hooks.cmake).
#pragma once

#define RCUFARM_KERNEL_PORT hooked

#include "hooked_port/counter.h"
#include "native/port/atomic.h"
#include "native/port/llist.h"
#include "sim_port/deferred.h"
#include "sim_port/memory.h"
#include "sim_port/reports.h"
#include "sim_port/sections.h"
