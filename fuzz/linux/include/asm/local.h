// Counters of one CPU: one step for each context of that CPU, and no order for others.
#pragma once

#include <linux/types.h>

typedef struct {
  long counter;
} local_t;

#define LOCAL_INIT(n) \
  { (n) }
long local_read(const local_t* counter);
void local_set(local_t* counter, long n);
long local_add_return(long n, local_t* counter);
#define local_sub_return(n, counter) local_add_return(-(n), counter)
#define local_inc_return(counter) local_add_return(1, counter)
#define local_dec_return(counter) local_add_return(-1, counter)
#define local_add(n, counter) ((void)local_add_return(n, counter))
#define local_inc(counter) ((void)local_add_return(1, counter))
#define local_dec(counter) ((void)local_add_return(-1, counter))
#define local_dec_and_test(counter) (local_add_return(-1, counter) == 0)
