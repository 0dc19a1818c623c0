// Interrupts off, raw spinlocks, read sections.
//
// Job: the RAII forms. A guard's end is reported at the place where it began.
#pragma once

#include "sim_port/detail.h"

namespace rcufarm::kernel {
inline namespace sim {

class IrqGuard {
  using Site = detail::Site;

 public:
  IrqGuard(const Site& site = Site::here()) : site_(site) { ::rcufarm::sim::irq_off(site_); }
  ~IrqGuard() { ::rcufarm::sim::irq_on(site_); }
  IrqGuard(const IrqGuard&) = delete;
  IrqGuard& operator=(const IrqGuard&) = delete;

 private:
  Site site_;
};

// irq_work runs when interrupts go on, before the task's next step: none is left to the user.
class ShortIrqGuard {
  using Site = detail::Site;

 public:
  ShortIrqGuard(bool& irq_work_waits, const Site& site = Site::here()) : irq_off_(site) { irq_work_waits = false; }

 private:
  IrqGuard irq_off_;
};

class RawSpinLock {
 public:
  RawSpinLock() = default;
  RawSpinLock(const RawSpinLock&) = delete;
  RawSpinLock& operator=(const RawSpinLock&) = delete;

 private:
  friend class RawSpinLockGuard;
  detail::Word word_ = 0;
};

class RawSpinLockGuard {
  using Site = detail::Site;

 public:
  explicit RawSpinLockGuard(RawSpinLock& lock, const Site& site = Site::here()) : lock_(lock), site_(site) {
    ::rcufarm::sim::irq_off(site_);
    ::rcufarm::sim::lock(&lock_.word_, site_);
  }
  ~RawSpinLockGuard() {
    ::rcufarm::sim::unlock(&lock_.word_, site_);
    ::rcufarm::sim::irq_on(site_);
  }
  RawSpinLockGuard(const RawSpinLockGuard&) = delete;
  RawSpinLockGuard& operator=(const RawSpinLockGuard&) = delete;

 private:
  RawSpinLock& lock_;
  Site site_;
};

class ReadSection {
  using Site = detail::Site;

 public:
  explicit ReadSection(RcuFlavor flavor, const Site& site = Site::here()) : flavor_(flavor), site_(site) {
    ::rcufarm::sim::read_lock(flavor_, site_);
  }
  ~ReadSection() { ::rcufarm::sim::read_unlock(flavor_, site_); }
  ReadSection(const ReadSection&) = delete;
  ReadSection& operator=(const ReadSection&) = delete;

 private:
  RcuFlavor flavor_;
  Site site_;
};

}  // namespace sim
}  // namespace rcufarm::kernel
