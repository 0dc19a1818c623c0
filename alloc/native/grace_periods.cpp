#include "native/grace_periods.h"

#include "native/backoff.h"
#include "native/rcu_library.h"
#include "native/rcu_readers.h"

namespace rcufarm::native {
namespace {

using namespace std::chrono_literals;

// A sleep that is shorter costs more than the library's call.
constexpr auto sleep_min = 50us;
constexpr int sleeps_of_patience = 4;  // 1, 2, 4 and 8 eighths of it
// How often to look for who is silent at once: while Backoff spins, which is less than the library's call takes; where the
// library sleeps for long if it has to wait, for some 100 µs more.
constexpr unsigned looks_max = 64;
constexpr unsigned looks_before_sleeping_library_max = 130;

}  // namespace

void GracePeriods::ask() noexcept {
  const tsan::Unseen books;  // who asks orders nobody who asks later
  // Release: pairs with the acquire in answer(). Seq_cst: pairs with begin_to_read(); the driver's look at who reads comes
  // after this, by its acquire of the callback, so whoever is not seen to read by then sees this number when it begins to.
  question_.fetch_add(1, std::memory_order_seq_cst);
}

void GracePeriods::begin() {
  const QuiescentState waiting;
  const tsan::Unseen books;
  one_at_a_time_.lock();
  // Relaxed: of the callbacks' questions the driver has acquired this one or an older one.
  wanted_ = question_.load(std::memory_order_relaxed);
}

void GracePeriods::finish(Haste haste) {
  const QuiescentState waiting;
  if (all_answer(haste)) {
    answered_.add(1);
  } else {
    library_of(flavor_).synchronize();
  }
  edges_.end(wanted_);
  const tsan::Unseen books;
  // Relaxed: a request that comes right now is for the next one, whose driver knows that it is urgent.
  expedited_.store(false, std::memory_order_relaxed);
  one_at_a_time_.unlock();
}

void GracePeriods::expedite() noexcept {
  const tsan::Unseen books;
  // Relaxed: the parker orders it before the sleeper's next look.
  if (!expedited_.exchange(true, std::memory_order_relaxed)) parker_.wake();
}

bool GracePeriods::all_answer(Haste haste) noexcept {
  if (!asks_readers_) return false;
  if (silent() == Silent::nobody) return true;
  if (haste == Haste::unhurried && patience_ >= sleep_min * (1 << (sleeps_of_patience - 1))) {
    if (all_answer_in_time()) return true;
    if (!expedited_.load(std::memory_order_relaxed)) return false;
  }
  return all_answer_at_once();
}

bool GracePeriods::all_answer_in_time() noexcept {
  auto time = patience_ / (1 << (sleeps_of_patience - 1));
  for (int i = 0; i < sleeps_of_patience; ++i, time *= 2) {
    if (!sleep_unless_expedited(time)) return false;
    if (silent() == Silent::nobody) return true;
  }
  return false;
}

bool GracePeriods::all_answer_at_once() noexcept {
  const bool library_sleeps = sleeps_between_looks(flavor_);
  Backoff backoff("a read section to end");
  for (unsigned looks = 0;;) {
    const Silent who = silent();
    if (who == Silent::nobody) return true;
    // Who is inside has to be waited for anyway, and answers when it leaves.
    const bool wait_here = library_sleeps && who == Silent::inside;
    if (!wait_here && ++looks > (library_sleeps ? looks_before_sleeping_library_max : looks_max)) return false;
    backoff.pause();
  }
}

Silent GracePeriods::silent() const noexcept { return silent_readers(machine_, flavor_, wanted_); }

// True: for that time, or for no reason less.
bool GracePeriods::sleep_unless_expedited(std::chrono::microseconds time) noexcept {
  const tsan::Unseen books;
  parker_.announce();
  // Relaxed, both: announce() and the end of wait() have the acquire.
  if (expedited_.load(std::memory_order_relaxed)) {
    parker_.cancel();
    return false;
  }
  parker_.wait(Parker::Clock::now() + time);
  return !expedited_.load(std::memory_order_relaxed);
}

}  // namespace rcufarm::native
