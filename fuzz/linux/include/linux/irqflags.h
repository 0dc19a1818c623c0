// Interrupts of this CPU.
#pragma once

#include <linux/cleanup.h>
#include <linux/types.h>

unsigned long rcufarm_irq_save(void);
void rcufarm_irq_restore(unsigned long flags);
void local_irq_disable(void);
void local_irq_enable(void);
bool irqs_disabled(void);
bool in_nmi(void);
bool in_task(void);
#define in_interrupt() (!in_task())
#define in_hardirq() (!in_task())

#define local_irq_save(flags) ((void)((flags) = rcufarm_irq_save()))
#define local_irq_restore(flags) rcufarm_irq_restore(flags)
#define raw_local_irq_save(flags) local_irq_save(flags)
#define raw_local_irq_restore(flags) local_irq_restore(flags)

// An allocator's call runs with migration disabled, and a task that is preempted comes back to its CPU: nothing to do.
#define preempt_disable() barrier()
#define preempt_enable() barrier()
#define migrate_disable() barrier()
#define migrate_enable() barrier()
#define preempt_disable_notrace() preempt_disable()
#define preempt_enable_notrace() preempt_enable()
void cpu_relax(void);

DEFINE_LOCK_GUARD_0(irq, local_irq_disable(), local_irq_enable())
DEFINE_LOCK_GUARD_0(irqsave, local_irq_save(_T->flags), local_irq_restore(_T->flags), unsigned long flags)
DEFINE_LOCK_GUARD_0(preempt, preempt_disable(), preempt_enable())
DEFINE_LOCK_GUARD_0(preempt_notrace, preempt_disable(), preempt_enable())
DEFINE_LOCK_GUARD_0(migrate, migrate_disable(), migrate_enable())
