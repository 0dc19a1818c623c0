// RCU: the tasks-trace flavour.
#pragma once

#include <linux/rcupdate.h>

void rcu_read_lock_trace(void);
void rcu_read_unlock_trace(void);
void call_rcu_tasks_trace(struct rcu_head* head, rcu_callback_t func);
void synchronize_rcu_tasks_trace(void);
void rcu_barrier_tasks_trace(void);

// The names of a tree that builds it on SRCU.
#define rcu_read_lock_tasks_trace() rcu_read_lock_trace()
#define rcu_read_unlock_tasks_trace() rcu_read_unlock_trace()
DEFINE_LOCK_GUARD_0(rcu_tasks_trace, rcu_read_lock_trace(), rcu_read_unlock_trace())
