// The other side of (c): malloc, and free by liburcu's call_rcu.
//
// Job: what a user of liburcu writes: an rcu_head in the object, one call_rcu thread, readers of the memb flavour. Owned
// by one case; allocate and defer_free by the updater, read_section by the reader.
#pragma once

#include <urcu/urcu-memb.h>

#include <array>
#include <cstddef>

#include "bench/baselines.h"
#include "bench/child_case.h"
#include "bench/subject.h"

namespace rcufarm::bench {

class CallRcuSide {
 public:
  explicit CallRcuSide(const Baseline& baseline) : malloc_(opaque(baseline.malloc)) { free_ = opaque(baseline.free); }

  class Registration {
   public:
    Registration() { urcu_memb_register_thread(); }
    ~Registration() { urcu_memb_unregister_thread(); }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
  };
  class Section {
   public:
    Section() { urcu_memb_read_lock(); }
    ~Section() { urcu_memb_read_unlock(); }
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;
  };

  Registration enter_updater() const { return {}; }
  Registration enter_reader() const { return {}; }
  Section read_section() const { return {}; }

  void* allocate() const {
    auto* object = static_cast<Object*>(malloc_(sizeof(Object)));
    return object == nullptr ? nullptr : object->user.data();
  }

  void defer_free(void* user) const {
    auto* object = reinterpret_cast<Object*>(static_cast<std::byte*>(user) - offsetof(Object, user));
    urcu_memb_call_rcu(&object->head, [](rcu_head* head) { free_(reinterpret_cast<Object*>(head)); });
  }

  // Returns when everything that was deferred has been freed.
  void settle() const { urcu_memb_barrier(); }

  void describe(Figures& /*figures*/) const {}

 private:
  struct Object {
    rcu_head head;  // first, so that the callback frees what it gets
    std::array<std::byte, object_bytes> user;
  };

  MallocFunction malloc_;
  static inline FreeFunction free_ = nullptr;  // a callback gets no more than its head; one side in a process
};

}  // namespace rcufarm::bench
