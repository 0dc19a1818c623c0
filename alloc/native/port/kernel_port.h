// The native kernel as kernel/kernel.h sees it.
//
// Job: name the port and bring its parts together. What they promise is in kernel/README.md; how they keep it, and
// where their limits are, in native/README.md.
#pragma once

#define RCUFARM_KERNEL_PORT native

#include "native/port/atomic.h"
#include "native/port/context.h"
#include "native/port/counter.h"
#include "native/port/irq_work.h"
#include "native/port/llist.h"
#include "native/port/lock.h"
#include "native/port/per_cpu.h"
#include "native/port/rcu.h"
#include "native/port/report.h"
#include "native/port/slab.h"
#include "native/port/work.h"
