// Powers of two.
#pragma once

#include <linux/kernel.h>

#define roundup_pow_of_two(n) (1UL << fls64((u64)(n)-1))
#define rounddown_pow_of_two(n) (1UL << ilog2(n))
#define is_power_of_2(n) ((n) != 0 && ((n) & ((n)-1)) == 0)
