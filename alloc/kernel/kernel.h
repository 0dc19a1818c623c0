// The kernel interface: the one header through which an allocator sees a kernel.
//
// Job: let the build pick the kernel. <kernel_port.h> is found through the include path: alloc/native/port or
// fuzz/machine/kernel/port; nothing else tells the two builds apart. README.md beside this file is the contract: for each operation
// the contexts in which it is legal and the happens-before edges that it gives. contract.h checks the shapes.
//
// A port puts everything into `namespace rcufarm::kernel`, inside an inline namespace of its own whose name it defines
// as RCUFARM_KERNEL_PORT; an allocator puts itself into an inline namespace of that name, so that code built on two
// kernels can never be linked together by mistake.
#pragma once

#include "kernel/types.h"

#include <kernel_port.h>

#include "kernel/contract.h"
