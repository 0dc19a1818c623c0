// RCU: the regular flavour.
#pragma once

#include <linux/cleanup.h>
#include <linux/compiler.h>
#include <linux/types.h>

struct callback_head {
  u64 word;  // the machine's
  void (*func)(struct callback_head* head);
};
#define rcu_head callback_head
typedef void (*rcu_callback_t)(struct rcu_head* head);

void rcu_read_lock(void);
void rcu_read_unlock(void);
void call_rcu(struct rcu_head* head, rcu_callback_t func);
void call_rcu_hurry(struct rcu_head* head, rcu_callback_t func);
void synchronize_rcu(void);
void rcu_barrier(void);
// Does a tasks-trace grace period imply one of this flavour? The scenario says.
bool rcu_trace_implies_rcu_gp(void);

struct task_struct;
extern struct task_struct* const rcufarm_current;
#define current rcufarm_current
void rcu_request_urgent_qs_task(struct task_struct* task);

#define rcu_dereference(p) READ_ONCE(p)
#define rcu_dereference_raw(p) READ_ONCE(p)
#define rcu_dereference_protected(p, condition) (p)
#define rcu_access_pointer(p) READ_ONCE(p)
#define rcu_assign_pointer(p, value) smp_store_release(&(p), value)
#define RCU_INIT_POINTER(p, value) WRITE_ONCE(p, value)

DEFINE_LOCK_GUARD_0(rcu, rcu_read_lock(), rcu_read_unlock())
