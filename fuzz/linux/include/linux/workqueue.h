// One workqueue stands for all.
#pragma once

#include <linux/types.h>

struct work_struct {
  u64 word;  // the machine's
  void (*func)(struct work_struct* work);
};
struct workqueue_struct;
extern struct workqueue_struct *system_wq, *system_unbound_wq, *system_highpri_wq, *system_dfl_wq, *system_percpu_wq;

void rcufarm_init_work(struct work_struct* work, void (*func)(struct work_struct* work));
#define INIT_WORK(work, func) rcufarm_init_work(work, func)
bool queue_work(struct workqueue_struct* queue, struct work_struct* work);
#define schedule_work(work) queue_work(system_wq, work)
