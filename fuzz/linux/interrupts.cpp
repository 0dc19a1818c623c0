// Interrupts, raw spinlocks, irq_work, work.
#include "linux/shim.h"

using namespace rcufarm;
using namespace rcufarm::linux_shim;

namespace {

// `flags` is how often interrupts had been turned off before. One that another save gave is told.
void restore(unsigned long flags, const sim::Site& site) {
  if (flags + 1 != foreign::interrupts_off()) sim::warn("interrupts are restored to what another save found", site);
  if (foreign::interrupts_off() > flags) sim::irq_on(site);
}

unsigned long save(const sim::Site& site) {
  const unsigned long flags = foreign::interrupts_off();
  sim::irq_off(site);
  return flags;
}

// The function is read when it is called, as the kernel reads it.
template <class Item>
sim::Invocation invocation_of() {
  return {nullptr, [](void (*)(), sim::Word* word) {
            auto* item = reinterpret_cast<Item*>(word);
            item->func(item);
          }};
}

}  // namespace

extern "C" {

unsigned long rcufarm_irq_save() { return save(RCUFARM_CALLER); }
void rcufarm_irq_restore(unsigned long flags) { restore(flags, RCUFARM_CALLER); }
void local_irq_disable() { sim::irq_off(RCUFARM_CALLER); }
void local_irq_enable() { sim::irq_on(RCUFARM_CALLER); }
bool irqs_disabled() { return foreign::interrupts_off() != 0; }
bool in_nmi() { return foreign::in_nmi(); }
bool in_task() { return foreign::in_task(); }
void cpu_relax() { sim::cpu_relax(RCUFARM_CALLER); }

void raw_spin_lock_init(raw_spinlock_t* lock) {
  foreign::store(&lock->word, sizeof(lock->word), 0, kernel::Order::relaxed, RCUFARM_CALLER);
}
void raw_spin_lock(raw_spinlock_t* lock) { sim::lock(word_of(lock), RCUFARM_CALLER); }
void raw_spin_unlock(raw_spinlock_t* lock) { sim::unlock(word_of(lock), RCUFARM_CALLER); }
bool raw_spin_trylock(raw_spinlock_t* lock) { return sim::try_lock(word_of(lock), RCUFARM_CALLER); }
unsigned long rcufarm_lock_irqsave(raw_spinlock_t* lock) {
  const sim::Site& site = RCUFARM_CALLER;
  const unsigned long flags = save(site);
  sim::lock(word_of(lock), site);
  return flags;
}
void raw_spin_unlock_irqrestore(raw_spinlock_t* lock, unsigned long flags) {
  const sim::Site& site = RCUFARM_CALLER;
  sim::unlock(word_of(lock), site);
  restore(flags, site);
}
void raw_spin_lock_irq(raw_spinlock_t* lock) {
  const sim::Site& site = RCUFARM_CALLER;
  sim::irq_off(site);
  sim::lock(word_of(lock), site);
}
void raw_spin_unlock_irq(raw_spinlock_t* lock) {
  const sim::Site& site = RCUFARM_CALLER;
  sim::unlock(word_of(lock), site);
  sim::irq_on(site);
}

void init_irq_work(irq_work* work, void (*func)(irq_work*)) {
  const sim::Site& site = RCUFARM_CALLER;
  foreign::store(&work->word, sizeof(work->word), 0, kernel::Order::relaxed, site);
  foreign::store(&work->func, sizeof(work->func), reinterpret_cast<sim::Word>(func), kernel::Order::relaxed, site);
}
bool irq_work_queue(irq_work* work) {
  return sim::irq_work_queue(word_of(work), invocation_of<irq_work>(), RCUFARM_CALLER);
}
void irq_work_sync(irq_work* work) { sim::irq_work_sync(word_of(work), RCUFARM_CALLER); }

workqueue_struct *system_wq, *system_unbound_wq, *system_highpri_wq, *system_dfl_wq, *system_percpu_wq;
void rcufarm_init_work(work_struct* work, void (*func)(work_struct*)) {
  const sim::Site& site = RCUFARM_CALLER;
  foreign::store(&work->word, sizeof(work->word), 0, kernel::Order::relaxed, site);
  foreign::store(&work->func, sizeof(work->func), reinterpret_cast<sim::Word>(func), kernel::Order::relaxed, site);
}
bool queue_work(workqueue_struct*, work_struct* work) {
  sim::queue_work(word_of(work), invocation_of<work_struct>(), RCUFARM_CALLER);
  return true;
}
}
