// The simulated port of the kernel interface: alloc/kernel/kernel.h includes it when fuzz/machine/kernel/port is on the include path.
//
// Job: name the port, and put its parts together. What they do is the machine's (fuzz/machine/machine.h): every operation here
// hands over to the machine whose run the thread is in. What the contexts and edges are: alloc/kernel/README.md.
#pragma once

#define RCUFARM_KERNEL_PORT sim

#include "sim_port/deferred.h"
#include "sim_port/llist.h"
#include "sim_port/memory.h"
#include "sim_port/reports.h"
#include "sim_port/sections.h"
#include "sim_port/word.h"
