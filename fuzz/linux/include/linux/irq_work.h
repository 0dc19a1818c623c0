// irq_work: queued on this CPU, runs there in hard irq context as soon as interrupts are on.
#pragma once

#include <linux/types.h>

struct irq_work {
  u64 word;  // the machine's
  void (*func)(struct irq_work* work);
};

void init_irq_work(struct irq_work* work, void (*func)(struct irq_work* work));
bool irq_work_queue(struct irq_work* work);
void irq_work_sync(struct irq_work* work);
