/* An architecture without assembly, for liburcu's headers: all of its operations are the compiler's. */
#ifndef _URCU_ARCH_H
#define _URCU_ARCH_H
#define URCU_ARCH_RISCV 1
#include <urcu/arch/gcc.h>
#endif
