// What the native kernel knows of readers: who may be inside a section that a grace period has to wait for.
//
// Job: readers' answers to the questions of GracePeriods, and looking at them. A thread answers a question when it is in no
// section of that flavour: all its sections that are older have ended by then, and the later ones see whatever the question
// saw. So an answer takes an acquire load and a release store, and the end of a section is only that load while there is no
// new question. A thread that waits in the kernel is in a quiescent state and need not answer.
#pragma once

#include <cstdint>

#include "kernel/types.h"

namespace rcufarm::native {

class Machine;

// The calling thread may read from now on, until it ends. Cheap when it is registered. Not in a signal handler.
void register_rcu_reader();

// The calling thread is on the machine and may be in sections from now on, until stop_reading().
void begin_to_read(Machine& machine) noexcept;
// The machine on which the calling thread was reading until now. Null, and nothing changes: it was not, or it is inside a
// section.
Machine* stop_reading() noexcept;

// Answers the questions of both flavours, where the calling thread is in no section of them. Any context.
void answer_grace_periods(const Machine& machine) noexcept;

// RAII: the calling thread reads nothing while it lives, since it waits. Does nothing for a thread inside a section. One that
// enters a section nevertheless is a reader again.
class QuiescentState {
 public:
  QuiescentState() noexcept : machine_(stop_reading()) {}
  ~QuiescentState() {
    if (machine_ != nullptr) begin_to_read(*machine_);
  }
  QuiescentState(const QuiescentState&) = delete;
  QuiescentState& operator=(const QuiescentState&) = delete;

 private:
  Machine* const machine_;
};

// Of the readers of a machine that have answered neither that question of its GracePeriods nor a newer one. `inside`: one of them seems to be in a section.
enum class Silent : std::uint8_t { nobody, outside, inside };
Silent silent_readers(const Machine& machine, kernel::RcuFlavor flavor, std::uint64_t question) noexcept;

// Returns when the read sections that have begun in this process have ended, as far as can be seen from outside. A
// hint about when to ask the library, which alone decides whether they have.
void wait_for_older_readers(kernel::RcuFlavor flavor);

// Returns when whoever is inside a section is seen to leave it soon, which a thread that was preempted there is not (by
// the caller's own thread, often); or after a millisecond. The same kind of hint.
void wait_until_readers_move(kernel::RcuFlavor flavor);

}  // namespace rcufarm::native
