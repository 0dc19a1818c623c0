#include "native/rcu_driver.h"

#include <algorithm>
#include <bit>

#include "native/backoff.h"
#include "native/completion.h"
#include "native/cpu_owner.h"
#include "native/die.h"
#include "native/machine.h"
#include "native/rcu_readers.h"
#include "native/thread_state.h"

namespace rcufarm::native {

using kernel::RcuHead;

namespace {

constexpr std::uintptr_t urgency_mask = 3;
constexpr std::uint32_t head_queued = 0x5ca1'ab1e;  // unlikely in memory that was never a queued head
static_assert(alignof(RcuHead) > urgency_mask);

RcuHead* newest_of(std::uintptr_t word) noexcept { return reinterpret_cast<RcuHead*>(word & ~urgency_mask); }
Urgency urgency_of(std::uintptr_t word) noexcept { return static_cast<Urgency>(word & urgency_mask); }
std::uintptr_t word_of(RcuHead* newest, Urgency urgency) noexcept {
  return reinterpret_cast<std::uintptr_t>(newest) | static_cast<std::uintptr_t>(urgency);
}

// On the stack of a thread that waits for its own head to be served.
struct Waiting : RcuHead {
  Completion done;
};

// Two functions for one thing, so that what waits for callbacks alone can be told from what needs a grace period.
void end_barrier(RcuHead* head) { static_cast<Waiting*>(head)->done.complete(); }
void end_synchronize(RcuHead* head) { static_cast<Waiting*>(head)->done.complete(); }

bool is_callback(const RcuHead& head) noexcept {
  return head.callback != &end_barrier && head.callback != &end_synchronize;
}

// What was read from a head means nothing if its memory is not what it was when it was queued: then this is the end.
// After reading, since somebody may be overwriting it right now.
template <class Field>
Field of_queued(const RcuHead& head, Field RcuHead::*field) noexcept {
  const Field value = head.*field;
  std::atomic_signal_fence(std::memory_order_seq_cst);  // the compiler keeps the order; a weak machine need not
  if (head.queued.load(std::memory_order_relaxed) != head_queued) {
    die("a callback is due on freed memory: a queued rcu_head was freed or overwritten");
  }
  return value;
}

RcuHead* oldest_first(RcuHead* newest) noexcept {
  RcuHead* oldest = nullptr;
  while (newest != nullptr) {
    RcuHead* next = of_queued(*newest, &RcuHead::next);
    newest->next = oldest;
    oldest = newest;
    newest = next;
  }
  return oldest;
}

bool any_needs_grace_period(const RcuHead* head) noexcept {
  for (; head != nullptr; head = of_queued(*head, &RcuHead::next)) {
    if (of_queued(*head, &RcuHead::callback) != &end_barrier) return true;
  }
  return false;
}

}  // namespace

RcuDriver::RcuDriver(Machine& machine, kernel::RcuFlavor flavor, GracePeriods& own, GracePeriods* also,
                     RcuPacing pacing) noexcept
    : machine_(machine), flavor_(flavor), own_(own), also_(also), pacing_(pacing) {}

RcuDriver::~RcuDriver() {
  stop_.store(true, std::memory_order_relaxed);  // the wake releases it
  parker_.wake();
  thread_.join();
}

// --- who queues ------------------------------------------------------------------------------------------------------

void RcuDriver::queue(RcuHead& head, RcuHead::Callback callback, Urgency urgency) noexcept {
  // Relaxed: one of two who queue the same head finds the other's mark; no edge is promised.
  if (head.queued.exchange(head_queued, std::memory_order_relaxed) == head_queued) {
    machine_.reports().add(ReportKind::rcu_head_requeued,
                           Text() << "call_rcu of a queued rcu_head, " << machine_.slab().describe(&head));
    return;
  }
  head.callback = callback;
  ExecContext& context = *this_context;
  if (context.cpu != no_cpu) {
    context.callbacks_queued[static_cast<unsigned>(flavor_)].add(1);
  } else {
    queued_without_cpu_.add_shared(1);
  }
  push(head, urgency);
}

void RcuDriver::push(RcuHead& head, Urgency urgency) noexcept {
  own_.ask();
  if (also_ != nullptr) also_->ask();
  std::uintptr_t word = queue_.load(std::memory_order_relaxed);
  do {
    head.next = newest_of(word);
    // Release: pairs with the acquire in serve(): call_rcu happens before its callback.
  } while (!queue_.compare_exchange_weak(word, word_of(&head, std::max(urgency, urgency_of(word))),
                                         std::memory_order_release, std::memory_order_relaxed));
  if (urgency == Urgency::urgent) expedite_present();  // the head waits behind it
  if (urgency <= urgency_of(word)) return;
  start();
  if (urgency == Urgency::hurried) {
    parker_.wake_unless_dozing();  // see wait_until_due()
  } else {
    parker_.wake();
  }
}

void RcuDriver::start() noexcept {
  // Relaxed: the thread's start orders what it needs, and later wakers need nothing of it.
  if (!started_.load(std::memory_order_relaxed) && !started_.exchange(true, std::memory_order_relaxed)) {
    thread_ = run_on_pool([this] { run(); });
  }
}

// Relaxed: a request that comes too early or too late is late by the patience of a grace period, or hurries the next one.
void RcuDriver::expedite_present() noexcept {
  if (!busy_.load(std::memory_order_relaxed)) return;
  own_.expedite();
  if (also_ != nullptr) also_->expedite();
}

void RcuDriver::hurry_up() noexcept {
  if (!pacing_.honour_urgent) return;
  expedite_present();
  std::uintptr_t word = queue_.load(std::memory_order_relaxed);
  do {
    if (newest_of(word) == nullptr || urgency_of(word) == Urgency::urgent) return;
    // Release: keeps the heads' release sequence, and is itself paired with the acquire in serve().
  } while (!queue_.compare_exchange_weak(word, word_of(newest_of(word), Urgency::urgent), std::memory_order_release,
                                         std::memory_order_relaxed));
  start();
  parker_.wake();
}

bool RcuDriver::idle() const noexcept {
  // Acquire, both, and in this order: the empty queue is the driver's doing, who set busy_ before it emptied it
  // (serve()); and if busy_ is false by now, all that it had taken has ended.
  return queue_.load(std::memory_order_acquire) == 0 && !busy_.load(std::memory_order_acquire);
}

void RcuDriver::finish_round() const noexcept {
  Backoff backoff("an RCU callback to end");
  // Acquire: pairs with the release in serve().
  while (busy_.load(std::memory_order_acquire)) backoff.pause();
}

void RcuDriver::push_and_wait(RcuHead::Callback kind, const char* waiting_for) {
  Waiting waiting;
  waiting.callback = kind;
  waiting.queued.store(head_queued, std::memory_order_relaxed);
  const WaitWithoutCpu without_cpu;
  push(waiting, Urgency::urgent);
  waiting.done.wait(waiting_for);
}

void RcuDriver::barrier() {
  if (idle()) return;
  push_and_wait(&end_barrier, "rcu_barrier: a callback or a reader does not end");
}

void RcuDriver::synchronize() { push_and_wait(&end_synchronize, "synchronize_rcu: a reader does not end"); }

// --- the driver's thread ---------------------------------------------------------------------------------------------

void RcuDriver::run() {
  const OnMachine here(machine_, Running::rcu_callback);
  while (wait_until_due()) serve();
}

bool RcuDriver::wait_until_due() noexcept {
  for (;;) {
    const Urgency urgency = urgency_of(queue_.load(std::memory_order_relaxed));
    const bool stop = stop_.load(std::memory_order_relaxed);
    if (stop) return false;  // what is still queued queues itself for ever, see Machine::settle()
    const auto now = Parker::Clock::now();
    auto when = due(urgency, now);
    if (when && *when <= now) return true;
    // Behind a grace period a hurried one may not begin at once anyway: who asks for it need not wake us.
    const bool dozes = urgency == Urgency::none && last_began_ && now < *last_began_ + pacing_.hurry_delay;
    if (dozes) when = *last_began_ + pacing_.hurry_delay;
    parker_.announce(dozes ? Parker::State::dozing : Parker::State::asleep);
    // Relaxed: announce() has the acquire.
    if (urgency_of(queue_.load(std::memory_order_relaxed)) != urgency ||
        stop_.load(std::memory_order_relaxed) != stop) {
      parker_.cancel();
    } else {
      const QuiescentState waiting;
      parker_.wait(when);
    }
  }
}

std::optional<Parker::Clock::time_point> RcuDriver::due(Urgency urgency, Parker::Clock::time_point now) noexcept {
  switch (urgency) {
    case Urgency::none: return std::nullopt;
    case Urgency::lazy:
      if (!lazy_since_) lazy_since_ = now;
      return *lazy_since_ + pacing_.lazy_delay;
    case Urgency::hurried: return last_began_ ? *last_began_ + pacing_.hurry_delay : now;
    case Urgency::urgent: return now;
  }
  return now;
}

void RcuDriver::serve() {
  rounds_.add(1);
  busy_.store(true, std::memory_order_relaxed);  // the exchange releases both, see idle()
  // Acquire: pairs with the release in push().
  const std::uintptr_t taken = queue_.exchange(0, std::memory_order_acq_rel);
  RcuHead* head = oldest_first(newest_of(taken));
  lazy_since_.reset();
  if (any_needs_grace_period(head)) {
    grace_period(urgency_of(taken) == Urgency::urgent ? Haste::urgent : Haste::unhurried);
  }
  while (head != nullptr) {
    RcuHead* next = of_queued(*head, &RcuHead::next);  // before it runs: the head is the callback's
    invoke(*head);
    head = next;
  }
  // Release: pairs with the acquire in idle(): the callbacks' ends happen before the return of a barrier that need not
  // wait.
  busy_.store(false, std::memory_order_release);
}

void RcuDriver::grace_period(Haste haste) {
  const auto began = Parker::Clock::now();
  last_began_ = began;
  if (haste == Haste::urgent) {  // the other driver may be waiting for the readers of a flavour that is needed here
    own_.expedite();
    if (also_ != nullptr) also_->expedite();
  }
  own_.begin();
  if (also_ != nullptr) also_->begin();
  own_.finish(haste);
  if (also_ != nullptr) also_->finish(haste);
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(Parker::Clock::now() - began).count();
  if (grace_periods_.read() == 0 || ns < ns_min_.read()) ns_min_.add(ns - ns_min_.read());
  if (ns > ns_max_.read()) ns_max_.add(ns - ns_max_.read());
  ns_sum_.add(ns);
  const auto log2 = static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(ns) | 1)) - 1;
  histogram_[std::min(log2, RcuStats::buckets - 1)].add(1);
  grace_periods_.add(1);
}

void RcuDriver::invoke(RcuHead& head) noexcept {
  const RcuHead::Callback callback = of_queued(head, &RcuHead::callback);
  if (is_callback(head)) invoked_.add(1);
  head.queued.store(0, std::memory_order_relaxed);  // the callback may queue it again
  callback(&head);
  check(!this_context->irq_off.load(std::memory_order_relaxed), "an RCU callback leaves interrupts off");
}

RcuStats RcuDriver::stats() const noexcept {
  const auto read = [](const kernel::Counter& counter) { return static_cast<std::uint64_t>(counter.read()); };
  RcuStats stats;
  stats.grace_periods = read(grace_periods_);
  stats.answered = own_.answered();
  stats.callbacks_invoked = read(invoked_);
  stats.callbacks_queued = read(queued_without_cpu_);
  for (unsigned i = 0; i < machine_.cpus().count(); ++i) {
    const ExecContext& cpu = machine_.cpus().at(static_cast<kernel::Cpu>(i));
    stats.callbacks_queued += read(cpu.callbacks_queued[static_cast<unsigned>(flavor_)]);
  }
  // The two are read one after the other.
  stats.callbacks_pending = stats.callbacks_queued - std::min(stats.callbacks_queued, stats.callbacks_invoked);
  stats.grace_period_ns_min = read(ns_min_);
  stats.grace_period_ns_max = read(ns_max_);
  stats.grace_period_ns_sum = read(ns_sum_);
  for (unsigned i = 0; i < RcuStats::buckets; ++i) stats.histogram[i] = read(histogram_[i]);
  return stats;
}

}  // namespace rcufarm::native
