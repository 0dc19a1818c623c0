// What a compiler calls in code that is instrumented for ThreadSanitizer (-fsanitize=thread), as accesses of the machine.
//
// Job: each announced load and store of the machine's memory or of a global is a scheduling point, and is checked and given its
// value under the run's memory model; each atomic operation is the machine's. What else the code touches (stacks, memory of
// libraries) stays as it is. Which compiler calls what for which construct: CALLS.md, which a test measures.
//
// Places are eight bytes, or the upper half of them. What is smaller shares a place with its neighbours, so two threads in two
// bytes of a word are not accused of a race: such an access counts as an atomic one without order there. Not instrumented itself;
// called by the code under test, at any time.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>

#include "kernel/types.h"
#include "machine/hooks/code_under_test.h"
#include "machine/hooks/places.h"
#include "machine/memory/perform.h"
#include "machine/memory/weak_edges.h"

namespace rcufarm::hooks {
namespace {

using kernel::Order;
using sim::Access;
using sim::Core;
using sim::Effect;
using sim::Op;
using sim::Word;

constexpr unsigned least_place = 4;

Meaning& meaning() { return CodeUnderTest::of_program().meaning; }

// Of the compiler's numbers: relaxed, consume, acquire, release, acq_rel, seq_cst.
Order order_of(int order) {
  switch (order & 7) {
    case 0: return Order::relaxed;
    case 1:
    case 2: return Order::acquire;
    case 3: return Order::release;
    case 4: return Order::acq_rel;
    default: return Order::seq_cst;
  }
}

// What a fence that the code has elsewhere may make of it (Meaning::has_fences).
Order with_fences(const Core& c, Order order, bool reads, bool writes) {
  if (c.is_weak || !meaning().has_fences) return order;
  const bool acquires = reads || sim::acquires(order);
  const bool releases = writes || sim::releases(order);
  if (order == Order::seq_cst) return order;
  return acquires && releases ? Order::acq_rel : acquires ? Order::acquire : releases ? Order::release : order;
}

[[gnu::noinline]] sim::Performed perform_here(Core& c, const Access& access) { return sim::perform(c, access); }

sim::SiteNumber point(Core& c, Op op, bool writes, const void* address, const sim::Site& site) {
  const sim::SiteNumber number = c.sites.number_of(site);
  c.point(op, writes, address, number);
  return number;
}

// One piece of an announced access, which lies in one place or one word.
void announce_piece(Core& c, const void* address, unsigned bytes, bool writes, bool is_atomic, bool goes_on,
                    sim::SiteNumber site) {
  const bool is_small = bytes < least_place || reinterpret_cast<std::uintptr_t>(address) % bytes != 0;
  Access access{.op = writes ? Op::plain_store : Op::plain_load,
                .noted = writes ? Op::plain_store : Op::plain_load,
                .shown = writes ? Op::plain_store : Op::plain_load,
                .effect = writes ? Effect::announced_store : Effect::announced_load,
                .is_plain = true,
                .address = address,
                .bytes = bytes,
                .site = site,
                .goes_on = goes_on};
  if (is_atomic || is_small) {
    access.noted = access.op = writes ? Op::atomic_store : Op::atomic_load;
    access.is_plain = false;
    access.order = with_fences(c, Order::relaxed, !writes, writes);
  }
  if (is_small) {
    // It is done where it stands: no store of its own that would end what its neighbours hand on.
    access.effect = Effect::load;
    access.is_newest = true;
    access.address = sim::word_around(address);
    if (reinterpret_cast<std::uintptr_t>(address) % sizeof(Word) >= least_place)
      access.address = sim::upper_half_address(address);
    access.bytes = least_place;
    access.shown = writes ? Op::none : access.shown;
  }
  perform_here(c, access);
}

// Whole plain words of the machine's memory, as announce_piece() has each: a fill or a copy of a block is most of what some
// allocators do.
template <Effect effect>
[[gnu::noinline]] void announce_words(Core& c, std::span<const Word> words, bool goes_on, sim::SiteNumber site) {
  constexpr Op op = effect == Effect::announced_store ? Op::plain_store : Op::plain_load;
  for (const Word& word : words) {
    sim::perform(c, {.op = op,
                     .noted = op,
                     .shown = op,
                     .effect = effect,
                     .is_plain = true,
                     .address = &word,
                     .site = site,
                     .goes_on = goes_on});
    goes_on = true;
  }
}

void ignore_races(int by) {
  if (sim::core_of_thread() != nullptr) CodeUnderTest::of_program().thread().ignores_races += by;
}

// All of a range, behind one point.
void announce(const void* address, std::size_t bytes, bool writes, bool is_volatile, const void* caller) {
  Core* c = watching(address);
  if (c == nullptr || bytes == 0) return;
  const sim::Site& site = place_of(caller);
  if (writes) {
    note_progress();
  } else {
    note_idle(site);
  }
  const bool is_atomic = CodeUnderTest::of_program().thread().ignores_races > 0 ? true
                         : meaning().plain_is_atomic
                             ? bytes <= sizeof(Word)
                             : is_volatile && meaning().volatile_is_atomic && bytes <= sizeof(Word);
  const sim::SiteNumber number = point(*c, writes ? Op::plain_store : Op::plain_load, writes, address, site);
  const char* at = static_cast<const char*>(address);
  const char* const end = at + bytes;
  const bool has_words = !is_atomic && c->memory.contains(address) && c->memory.contains(end - 1);
  while (at < end) {
    const auto in_word = reinterpret_cast<std::uintptr_t>(at) % sizeof(Word);
    const auto left = static_cast<std::size_t>(end - at);
    if (has_words && in_word == 0 && left >= sizeof(Word)) {
      const auto* const words = reinterpret_cast<const Word*>(at);
      const auto announce_all =
          writes ? announce_words<Effect::announced_store> : announce_words<Effect::announced_load>;
      announce_all(*c, {words, left / sizeof(Word)}, at != address, number);
      at += left / sizeof(Word) * sizeof(Word);
      continue;
    }
    // A whole word, half of one, or what there is of a half.
    const unsigned piece =
        in_word == 0 && left >= sizeof(Word) ? sizeof(Word)
        : in_word % least_place == 0 && left >= least_place
            ? least_place
            : static_cast<unsigned>(std::min<std::size_t>(left, least_place - in_word % least_place));
    if (watching(at) == nullptr) return;  // an access that leaves a global
    announce_piece(*c, at, piece, writes, is_atomic, at != address, number);
    at += piece;
  }
}

// ---- atomics ---------------------------------------------------------------------------------------------------------

// A load that was announced may have put an older value where it looks: behind it the newest one is back.
void settle() {
  Core& c = sim::core();
  if (c.is_weak) sim::settle_announced(c);
}

template <class T>
T value_of(const T* address) {
  settle();
  T value;
  std::memcpy(&value, address, sizeof(T));
  return value;
}

template <class T>
T load(const T* address, int order_number, const void* caller) {
  Core* c = watching(address);
  if (c == nullptr) return __atomic_load_n(address, __ATOMIC_SEQ_CST);
  const sim::Site& site = place_of(caller);
  note_idle(site);
  const Order order = with_fences(*c, order_of(order_number), true, false);
  const sim::SiteNumber number = point(*c, Op::atomic_load, false, address, site);
  return static_cast<T>(perform_here(*c, {.op = Op::atomic_load,
                                          .noted = Op::atomic_load,
                                          .shown = Op::atomic_load,
                                          .effect = Effect::load,
                                          .order = order,
                                          .address = address,
                                          .bytes = sizeof(T),
                                          .site = number})
                            .value);
}

// `is_newest`: it reads the newest store, as a modification whose new value was computed from that must.
template <class T>
Access modification(Effect effect, const T* address, T operand, Order order, sim::SiteNumber site, bool is_newest) {
  return {.op = effect == Effect::compare_exchange ? Op::atomic_compare_exchange : Op::atomic_exchange,
          .noted = effect == Effect::compare_exchange ? Op::atomic_compare_exchange : Op::atomic_exchange,
          .shown = effect == Effect::compare_exchange ? Op::atomic_compare_exchange : Op::atomic_exchange,
          .effect = effect,
          .order = order,
          .address = address,
          .bytes = sizeof(T),
          .site = site,
          .operand = static_cast<Word>(operand),
          .is_newest = is_newest};
}

template <class T>
void store(T* address, T value, int order_number, const void* caller) {
  Core* c = watching(address);
  if (c == nullptr) return __atomic_store_n(address, value, __ATOMIC_SEQ_CST);
  const sim::Site& site = place_of(caller);
  note_progress();
  const Order order = with_fences(*c, order_of(order_number), false, true);
  const sim::SiteNumber number = point(*c, Op::atomic_store, true, address, site);
  Access access = modification<T>(Effect::store, address, value, order, number, false);
  access.op = access.noted = access.shown = Op::atomic_store;
  // Beside a neighbour in its place: what that one has handed on stays.
  if (sizeof(T) < least_place) access.effect = Effect::exchange, access.is_newest = true;
  perform_here(*c, access);
}

template <class T>
T exchange(T* address, T value, int order_number, const void* caller) {
  Core* c = watching(address);
  if (c == nullptr) return __atomic_exchange_n(address, value, __ATOMIC_SEQ_CST);
  const sim::Site& site = place_of(caller);
  const Order order = with_fences(*c, order_of(order_number), true, true);
  const sim::SiteNumber number = point(*c, Op::atomic_exchange, true, address, site);
  const T old =
      static_cast<T>(perform_here(*c, modification<T>(Effect::exchange, address, value, order, number, false)).value);
  old == value ? note_idle(site) : note_progress();
  return old;
}

template <class T, class Compute>
T modify(T* address, int order_number, const void* caller, Compute compute) {
  Core* c = watching(address);
  if (c == nullptr) {
    T old = __atomic_load_n(address, __ATOMIC_SEQ_CST);
    while (!__atomic_compare_exchange_n(address, &old, compute(old), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    }
    return old;
  }
  const sim::Site& site = place_of(caller);
  const Order order = with_fences(*c, order_of(order_number), true, true);
  const sim::SiteNumber number = point(*c, Op::atomic_exchange, true, address, site);
  // The word is alive, or this does not return: a load first.
  sim::place_of(*c, address, sizeof(T));
  const T old = value_of(address);
  const T next = compute(old);
  next == old ? note_idle(site) : note_progress();
  perform_here(*c, modification<T>(Effect::exchange, address, next, order, number, true));
  return old;
}

// True: it was as expected.
template <class T>
bool compare_exchange(T* address, T* expected, T desired, int success, int failure, const void* caller) {
  Core* c = watching(address);
  if (c == nullptr)
    return __atomic_compare_exchange_n(address, expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  const sim::Site& site = place_of(caller);
  const sim::SiteNumber number = point(*c, Op::atomic_compare_exchange, true, address, site);
  sim::place_of(*c, address, sizeof(T));
  const bool may_succeed = value_of(address) == *expected;
  const Order order = with_fences(*c, may_succeed ? order_of(success) : order_of(failure), true, may_succeed);
  Access access = modification<T>(Effect::compare_exchange, address, desired, order, number, may_succeed);
  access.expected = static_cast<Word>(*expected);
  const T old = static_cast<T>(perform_here(*c, access).value);
  if (old == *expected) return note_progress(), true;
  note_idle(site);
  *expected = old;
  return false;
}

// ---- sixteen bytes: two words, one step --------------------------------------------------------------------------------

__extension__ using Wide = unsigned __int128;

Wide wide_at(const Wide* address) {
  Word words[2];
  std::memcpy(words, address, sizeof words);
  return words[0] | static_cast<Wide>(words[1]) << 64U;
}

void perform_wide(Core& c, Effect effect, Op op, const Wide* address, Wide value, Order order, sim::SiteNumber site) {
  for (unsigned i = 0; i < 2; ++i) {
    perform_here(c, {.op = op,
                     .noted = op,
                     .shown = op,
                     .effect = effect,
                     .order = order,
                     .address = reinterpret_cast<const Word*>(address) + i,
                     .site = site,
                     .operand = static_cast<Word>(value >> (64U * i)),
                     .is_newest = true});
  }
}

// compute(old, new): false leaves it as it is.
template <class Compute>
Wide change_wide(Wide* address, int order_number, const void* caller, Op op, Compute compute) {
  Core* c = watching(address);
  Wide next = 0;
  if (c == nullptr) {
    const Wide old = wide_at(address);
    if (compute(old, next)) std::memcpy(address, &next, sizeof next);
    return old;
  }
  const sim::Site& site = place_of(caller);
  const sim::SiteNumber number = point(*c, op, op != Op::atomic_load, address, site);
  sim::place_of(*c, address, sizeof(Word));
  settle();
  const Wide old = wide_at(address);
  const bool writes = compute(old, next);
  writes&& next != old ? note_progress() : note_idle(site);
  const Order order = with_fences(*c, order_of(order_number), op != Op::atomic_store, writes);
  const Effect effect = !writes ? Effect::load : op == Op::atomic_store ? Effect::store : Effect::exchange;
  perform_wide(*c, effect, writes ? op : Op::atomic_load, address, next, order, number);
  return old;
}

void fence(int order_number, const void* caller) {
  Core* c = sim::core_of_thread();
  if (c == nullptr || !c->is_weak) return;
  c->current->site = c->sites.number_of(place_of(caller));
  switch (order_of(order_number)) {
    case Order::relaxed: return;
    case Order::acquire: return sim::fence(*c, sim::Fence::acquire);
    case Order::release: return sim::fence(*c, sim::Fence::release);
    case Order::acq_rel: sim::fence(*c, sim::Fence::acquire); return sim::fence(*c, sim::Fence::release);
    case Order::seq_cst: return sim::fence(*c, sim::Fence::full);
  }
}

}  // namespace
}  // namespace rcufarm::hooks

using namespace rcufarm::hooks;

#define CALLER __builtin_return_address(0)

#define PLAIN(bytes)                                                                               \
  void __tsan_read##bytes(void* p) { announce(p, bytes, false, false, CALLER); }                   \
  void __tsan_write##bytes(void* p) { announce(p, bytes, true, false, CALLER); }                   \
  void __tsan_unaligned_read##bytes(void* p) { announce(p, bytes, false, false, CALLER); }         \
  void __tsan_unaligned_write##bytes(void* p) { announce(p, bytes, true, false, CALLER); }         \
  void __tsan_volatile_read##bytes(void* p) { announce(p, bytes, false, true, CALLER); }           \
  void __tsan_volatile_write##bytes(void* p) { announce(p, bytes, true, true, CALLER); }           \
  void __tsan_unaligned_volatile_read##bytes(void* p) { announce(p, bytes, false, true, CALLER); } \
  void __tsan_unaligned_volatile_write##bytes(void* p) { announce(p, bytes, true, true, CALLER); } \
  void __tsan_read_write##bytes(void* p) {                                                         \
    announce(p, bytes, false, false, CALLER);                                                      \
    announce(p, bytes, true, false, CALLER);                                                       \
  }                                                                                                \
  void __tsan_unaligned_read_write##bytes(void* p) {                                               \
    announce(p, bytes, false, false, CALLER);                                                      \
    announce(p, bytes, true, false, CALLER);                                                       \
  }

// What is read and thrown away: the compilers' names for each operation, of one width.
#define ATOMIC(bits, type)                                                                                            \
  type __tsan_atomic##bits##_load(const volatile type* p, int order) {                                                \
    return load(const_cast<const type*>(p), order, CALLER);                                                           \
  }                                                                                                                   \
  void __tsan_atomic##bits##_store(volatile type* p, type v, int order) {                                             \
    store(const_cast<type*>(p), v, order, CALLER);                                                                    \
  }                                                                                                                   \
  type __tsan_atomic##bits##_exchange(volatile type* p, type v, int order) {                                          \
    return exchange(const_cast<type*>(p), v, order, CALLER);                                                          \
  }                                                                                                                   \
  MODIFY(bits, type, add, static_cast<type>(old + v))                                                                 \
  MODIFY(bits, type, sub, static_cast<type>(old - v))                                                                 \
  MODIFY(bits, type, and, static_cast<type>(old & v))                                                                 \
  MODIFY(bits, type, or, static_cast<type>(old | v))                                                                  \
  MODIFY(bits, type, xor, static_cast<type>(old ^ v))                                                                 \
  MODIFY(bits, type, nand, static_cast<type>(~(old & v)))                                                             \
  int __tsan_atomic##bits##_compare_exchange_strong(volatile type* p, type* expected, type v, int order,              \
                                                    int failure) {                                                    \
    return compare_exchange(const_cast<type*>(p), expected, v, order, failure, CALLER) ? 1 : 0;                       \
  }                                                                                                                   \
  int __tsan_atomic##bits##_compare_exchange_weak(volatile type* p, type* expected, type v, int order, int failure) { \
    return compare_exchange(const_cast<type*>(p), expected, v, order, failure, CALLER) ? 1 : 0;                       \
  }                                                                                                                   \
  type __tsan_atomic##bits##_compare_exchange_val(volatile type* p, type expected, type v, int order, int failure) {  \
    compare_exchange(const_cast<type*>(p), &expected, v, order, failure, CALLER);                                     \
    return expected;                                                                                                  \
  }

#define MODIFY(bits, type, name, next)                                                          \
  type __tsan_atomic##bits##_fetch_##name(volatile type* p, type v, int order) {                \
    return modify(const_cast<type*>(p), order, CALLER, [v](type old) -> type { return next; }); \
  }

#define MODIFY_WIDE(name, next)                                                                \
  Wide __tsan_atomic128_fetch_##name(volatile Wide* p, Wide v, int order) {                    \
    return change_wide(const_cast<Wide*>(p), order, CALLER, rcufarm::sim::Op::atomic_exchange, \
                       [v](Wide old, Wide& out) { return out = next, true; });                 \
  }

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_ignore_thread_begin() {}
void __tsan_ignore_thread_end() {}

PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

void __tsan_read_range(void* p, unsigned long bytes) { announce(p, bytes, false, false, CALLER); }
void __tsan_write_range(void* p, unsigned long bytes) { announce(p, bytes, true, false, CALLER); }

void __tsan_vptr_read(void** p) { announce(p, sizeof(void*), false, false, CALLER); }
// The same pointer again is no write: destructors of base classes do that.
void __tsan_vptr_update(void** p, void* value) {
  if (*p != value) announce(p, sizeof(void*), true, false, CALLER);
}

void* __tsan_memcpy(void* to, const void* from, unsigned long bytes) {
  announce(from, bytes, false, false, CALLER);
  announce(to, bytes, true, false, CALLER);
  return std::memcpy(to, from, bytes);
}
void* __tsan_memmove(void* to, const void* from, unsigned long bytes) {
  announce(from, bytes, false, false, CALLER);
  announce(to, bytes, true, false, CALLER);
  return std::memmove(to, from, bytes);
}
void* __tsan_memset(void* to, int byte, unsigned long bytes) {
  announce(to, bytes, true, false, CALLER);
  return std::memset(to, byte, bytes);
}
void* rcufarm_met_memcpy(void* to, const void* from, unsigned long bytes) {
  announce(from, bytes, false, false, CALLER);
  announce(to, bytes, true, false, CALLER);
  return std::memcpy(to, from, bytes);
}
void* rcufarm_met_memmove(void* to, const void* from, unsigned long bytes) {
  announce(from, bytes, false, false, CALLER);
  announce(to, bytes, true, false, CALLER);
  return std::memmove(to, from, bytes);
}
void* rcufarm_met_memset(void* to, int byte, unsigned long bytes) {
  announce(to, bytes, true, false, CALLER);
  return std::memset(to, byte, bytes);
}

ATOMIC(8, std::uint8_t)
ATOMIC(16, std::uint16_t)
ATOMIC(32, std::uint32_t)
ATOMIC(64, std::uint64_t)

Wide __tsan_atomic128_load(const volatile Wide* p, int order) {
  return change_wide(const_cast<Wide*>(p), order, CALLER, rcufarm::sim::Op::atomic_load,
                     [](Wide, Wide&) { return false; });
}
void __tsan_atomic128_store(volatile Wide* p, Wide v, int order) {
  change_wide(const_cast<Wide*>(p), order, CALLER, rcufarm::sim::Op::atomic_store,
              [v](Wide, Wide& next) { return next = v, true; });
}
Wide __tsan_atomic128_exchange(volatile Wide* p, Wide v, int order) {
  return change_wide(const_cast<Wide*>(p), order, CALLER, rcufarm::sim::Op::atomic_exchange,
                     [v](Wide, Wide& next) { return next = v, true; });
}
MODIFY_WIDE(add, old + v)
MODIFY_WIDE(sub, old - v)
MODIFY_WIDE(and, old& v)
MODIFY_WIDE(or, old | v)
MODIFY_WIDE(xor, old ^ v)
MODIFY_WIDE(nand, ~(old& v))
Wide __tsan_atomic128_compare_exchange_val(volatile Wide* p, Wide expected, Wide v, int order, int) {
  return change_wide(const_cast<Wide*>(p), order, CALLER, rcufarm::sim::Op::atomic_compare_exchange,
                     [=](Wide old, Wide& next) { return next = v, old == expected; });
}
int __tsan_atomic128_compare_exchange_strong(volatile Wide* p, Wide* expected, Wide v, int order, int) {
  const Wide old = change_wide(const_cast<Wide*>(p), order, CALLER, rcufarm::sim::Op::atomic_compare_exchange,
                               [=](Wide now, Wide& next) { return next = v, now == *expected; });
  if (old == *expected) return 1;
  *expected = old;
  return 0;
}
int __tsan_atomic128_compare_exchange_weak(volatile Wide* p, Wide* expected, Wide v, int order, int failure) {
  return __tsan_atomic128_compare_exchange_strong(p, expected, v, order, failure);
}

void __tsan_release(void* address) {
  Core* c = rcufarm::sim::core_of_thread();
  if (c == nullptr) return;
  c->join_into(CodeUnderTest::of_program().handed_on[address]);
  c->advance();
}
void __tsan_acquire(void* address) {
  Core* c = rcufarm::sim::core_of_thread();
  if (c == nullptr) return;
  const auto& handed_on = CodeUnderTest::of_program().handed_on;
  if (const auto known = handed_on.find(address); known != handed_on.end()) c->take_over(known->second);
}

void __tsan_atomic_thread_fence(int order) { fence(order, CALLER); }
// Of one thread and its signal handlers: there are none here.
void __tsan_atomic_signal_fence(int) {}

// What sources tell a race detector that they are compiled for. Nobody is accused where races are to be ignored, and what is said to
// happen before happens before.
void AnnotateIgnoreReadsBegin(const char*, int) { ignore_races(1); }
void AnnotateIgnoreReadsEnd(const char*, int) { ignore_races(-1); }
void AnnotateIgnoreWritesBegin(const char*, int) { ignore_races(1); }
void AnnotateIgnoreWritesEnd(const char*, int) { ignore_races(-1); }
void AnnotateHappensBefore(const char*, int, const volatile void* address) {
  __tsan_release(const_cast<void*>(address));
}
void AnnotateHappensAfter(const char*, int, const volatile void* address) {
  __tsan_acquire(const_cast<void*>(address));
}
void AnnotateNewMemory(const char*, int, const volatile void*, unsigned long) {}
void AnnotateBenignRace(const char*, int, const volatile void*, const char*) {}
void AnnotateBenignRaceSized(const char*, int, const volatile void*, unsigned long, const char*) {}
}
