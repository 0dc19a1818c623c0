// What compilers and the C library are to code under test: each call is the machine's, under every memory model.
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>

#include <cstdint>
#include <cstring>

#include "machine/hooks/code_under_test.h"
#include "machine/hooks/debug_info.h"
#include "machine/hooks/heap.h"
#include "machine/lab.h"

// As a compiler calls them.
extern "C" {
void __tsan_read1(void* p);
void __tsan_write1(void* p);
void __tsan_read4(void* p);
void __tsan_write4(void* p);
void __tsan_read8(void* p);
void __tsan_write8(void* p);
void __tsan_unaligned_write8(void* p);
void __tsan_volatile_read8(void* p);
void __tsan_volatile_write8(void* p);
void* __tsan_memset(void* to, int byte, unsigned long bytes);
std::uint32_t __tsan_atomic32_load(const volatile std::uint32_t* p, int order);
void __tsan_atomic32_store(volatile std::uint32_t* p, std::uint32_t v, int order);
std::uint32_t __tsan_atomic32_fetch_add(volatile std::uint32_t* p, std::uint32_t v, int order);
std::uint32_t __tsan_atomic32_fetch_nand(volatile std::uint32_t* p, std::uint32_t v, int order);
std::uint8_t __tsan_atomic8_exchange(volatile std::uint8_t* p, std::uint8_t v, int order);
void __tsan_atomic8_store(volatile std::uint8_t* p, std::uint8_t v, int order);
std::uint8_t __tsan_atomic8_load(const volatile std::uint8_t* p, int order);
int __tsan_atomic64_compare_exchange_strong(volatile std::uint64_t* p, std::uint64_t* expected, std::uint64_t v, int,
                                            int);
__extension__ typedef unsigned __int128 wide;
wide __tsan_atomic128_compare_exchange_val(volatile wide* p, wide expected, wide v, int, int);
void __tsan_atomic_thread_fence(int order);
void AnnotateHappensBefore(const char*, int, const volatile void* address);
void AnnotateHappensAfter(const char*, int, const volatile void* address);
void AnnotateIgnoreReadsBegin(const char*, int);
void AnnotateIgnoreReadsEnd(const char*, int);
void* rcufarm_met_malloc(std::size_t bytes);
void* rcufarm_met_calloc(std::size_t count, std::size_t each);
void* rcufarm_met_realloc(void* block, std::size_t bytes);
int rcufarm_met_posix_memalign(void** result, std::size_t alignment, std::size_t bytes);
void* rcufarm_met_mmap(void*, std::size_t bytes, int, int flags, int, long);
int rcufarm_met_munmap(void* memory, std::size_t bytes);
void rcufarm_met_free(void* block);
int rcufarm_met_pthread_mutex_lock(pthread_mutex_t* mutex);
int rcufarm_met_pthread_mutex_trylock(pthread_mutex_t* mutex);
int rcufarm_met_pthread_mutex_unlock(pthread_mutex_t* mutex);
int rcufarm_met_pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex);
int rcufarm_met_pthread_cond_signal(pthread_cond_t* condition);
int rcufarm_met_pthread_once(pthread_once_t* control, void (*function)());
int rcufarm_met_pthread_key_create(pthread_key_t* key, void (*destructor)(void*));
int rcufarm_met_pthread_setspecific(pthread_key_t key, const void* value);
void* rcufarm_met_pthread_getspecific(pthread_key_t key);
int rcufarm_met_pthread_create(pthread_t* thread, const pthread_attr_t*, void* (*function)(void*), void* argument);
int rcufarm_met_pthread_join(pthread_t thread, void** result);
[[noreturn]] void rcufarm_met_pthread_exit(void* result);
pthread_t rcufarm_met_pthread_self();
int rcufarm_met_pthread_rwlock_rdlock(pthread_rwlock_t* lock);
int rcufarm_met_pthread_rwlock_wrlock(pthread_rwlock_t* lock);
int rcufarm_met_pthread_rwlock_unlock(pthread_rwlock_t* lock);
int rcufarm_met_sem_init(sem_t* semaphore, int, unsigned value);
int rcufarm_met_sem_wait(sem_t* semaphore);
int rcufarm_met_sem_post(sem_t* semaphore);
long rcufarm_met_syscall(long number, long, long, long, long, long, long);
struct EmulatedVariable {
  std::size_t bytes;
  std::size_t alignment;
  std::size_t unused;
  const void* first_value;
};
void* __emutls_get_address(EmulatedVariable* control);
}

namespace rcufarm::hooks {
namespace {

using sim::any_number;
using sim::both;
using sim::Cell;
using sim::End;
using sim::Lab;
using sim::MemoryModel;

constexpr int relaxed = 0;
constexpr int acquire = 2;
constexpr int release = 3;
constexpr int seq_cst = 5;

struct Words {
  std::uint32_t data = 0;
  std::uint32_t flag = 0;
  std::uint8_t bytes[8] = {};
  std::uint64_t word = 0;
  std::uint64_t other = 0;
  alignas(16) wide pair = 0;
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
  sem_t semaphore = {};
  std::uint32_t more = 0;
};

struct Hooks : testing::Test {
  Lab lab;
  Cell<Words> words;
  Hooks() {
    lab.cell(words);
    lab.first([] { CodeUnderTest::of_program().begin_run(); });
    CodeUnderTest::of_program().meaning = {};
  }
  void put(std::uint32_t& word, std::uint32_t value) {
    __tsan_write4(&word);
    word = value;
  }
  std::uint32_t get(std::uint32_t& word) {
    __tsan_read4(&word);
    return word;
  }
  // A message behind a flag, with these orders: what the reader that has seen the flag reads.
  Lab::Counts message(int store_order, int load_order) {
    static std::uint32_t seen;
    lab.task(0, [this, store_order] {
      put(words->data, 7);
      __tsan_atomic32_store(&words->flag, 1, store_order);
    });
    lab.task(1, [this, load_order] {
      seen = 9;
      if (__tsan_atomic32_load(&words->flag, load_order) == 1) seen = get(words->data);
    });
    return lab.all(any_number, [] { return std::to_string(seen); });
  }
};

TEST_F(Hooks, PlainAccessesRaceAndReleaseOrdersThem) { EXPECT_GT(message(relaxed, relaxed).count("data-race"), 0U); }
TEST_F(Hooks, AReleaseThatIsAcquiredOrders) {
  const Lab::Counts counts = message(release, acquire);
  EXPECT_EQ(counts.size(), 2U);
  EXPECT_GT(counts.count("7"), 0U);
  EXPECT_GT(counts.count("9"), 0U);
}
TEST_F(Hooks, WhatAHostAsksWhileNobodyWatchesIsNoStep) {
  for (const unsigned cpu : {0U, 1U}) {
    lab.task(cpu, [this] {
      const Unwatched host;
      put(words->data, get(words->data) + 1);
      __tsan_atomic32_fetch_add(&words->flag, 1, relaxed);
    });
  }
  const Lab::Counts counts = lab.all(any_number, [] { return std::string("same"); });
  EXPECT_EQ(counts.size(), 1U) << "they race where somebody watches";
  EXPECT_EQ(counts.count("same"), 1U);
  EXPECT_GT(message(relaxed, relaxed).count("data-race"), 0U) << "and behind it all is watched again";
}
TEST_F(Hooks, UnderWeakMemoryAnOldValueIsReadWhereNothingOrders) {
  lab.settings.model = MemoryModel::c11;
  lab.settings.check_order = false;
  EXPECT_GT(message(relaxed, relaxed).count("0"), 0U);
}
TEST_F(Hooks, UnderWeakMemoryAnAcquireReadsWhatCameBefore) {
  lab.settings.model = MemoryModel::c11;
  lab.settings.check_order = false;
  EXPECT_EQ(message(release, acquire).count("0"), 0U);
}

// All pieces of a range are announced before the code fills it.
TEST_F(Hooks, UnderWeakMemoryARangeHoldsWhatWasWrittenThere) {
  static std::uint64_t seen;
  lab.settings.model = MemoryModel::c11;
  lab.settings.check_order = false;
  lab.task(0, [this] {
    __tsan_write8(&words->word);
    words->word = 1;
    __tsan_memset(&words->word, 0, sizeof words->word + sizeof words->other);
    __tsan_atomic32_store(&words->flag, 1, release);
    __tsan_write8(&words->word);
    words->word = 3;
  });
  lab.task(1, [this] {
    seen = 9;
    if (__tsan_atomic32_load(&words->flag, acquire) == 0) return;
    __tsan_read8(&words->word);
    seen = words->word;
  });
  const Lab::Counts counts = lab.all(any_number, [] { return std::to_string(seen); });
  EXPECT_EQ(counts.count("1"), 0U) << "what was there before the range was filled";
  EXPECT_GT(counts.count("0"), 0U);
  EXPECT_GT(counts.count("3"), 0U);
}
TEST_F(Hooks, FencesOrderUnderWeakMemory) {
  for (const bool fenced : {false, true}) {
    Lab own;
    Cell<Words> w;
    own.cell(w);
    own.settings.model = MemoryModel::tso;
    own.settings.check_order = false;
    static std::uint32_t a;
    static std::uint32_t b;
    own.task(0, [&] {
      __tsan_atomic32_store(&w->data, 1, relaxed);
      if (fenced) __tsan_atomic_thread_fence(seq_cst);
      a = __tsan_atomic32_load(&w->flag, relaxed);
    });
    own.task(1, [&] {
      __tsan_atomic32_store(&w->flag, 1, relaxed);
      if (fenced) __tsan_atomic_thread_fence(seq_cst);
      b = __tsan_atomic32_load(&w->data, relaxed);
    });
    const Lab::Counts counts = own.all(any_number, [] { return both(int(a), int(b)); });
    EXPECT_EQ(counts.count("00") != 0, !fenced);
  }
}

TEST_F(Hooks, FencesAreTakenForMoreWhereRacesAreJudgedByClocks) {
  CodeUnderTest::of_program().meaning.has_fences = true;
  EXPECT_EQ(message(relaxed, relaxed).count("data-race"), 0U);
}

TEST_F(Hooks, WhatSourcesTellARaceDetectorIsBelieved) {
  for (const bool is_told : {false, true}) {
    Lab own;
    Cell<Words> w;
    own.cell(w);
    own.first([] { CodeUnderTest::of_program().begin_run(); });
    own.task(0, [&] {
      put(w->data, 7);
      if (is_told) AnnotateHappensBefore("", 0, &w->data);
      __tsan_atomic32_store(&w->flag, 1, relaxed);
    });
    own.task(1, [&] {
      if (__tsan_atomic32_load(&w->flag, relaxed) == 0) return;
      if (is_told) AnnotateHappensAfter("", 0, &w->data);
      get(w->data);
    });
    EXPECT_EQ(own.all(any_number).count("data-race") != 0, !is_told);
  }
  lab.task(0, [&] { __tsan_atomic32_store(&words->data, 7, relaxed); });
  lab.task(1, [&] {
    AnnotateIgnoreReadsBegin("", 0);
    get(words->data);
    AnnotateIgnoreReadsEnd("", 0);
  });
  EXPECT_EQ(lab.all(any_number).count("data-race"), 0U);
}

TEST_F(Hooks, BytesOfAWordDoNotRaceAndKeepWhatNeighboursHandOn) {
  lab.task(0, [&] {
    put(words->data, 7);
    __tsan_atomic8_store(&words->bytes[0], 1, release);
  });
  lab.task(1, [&] {
    __tsan_atomic8_store(&words->bytes[1], 1, relaxed);
    __tsan_write1(&words->bytes[2]);
    words->bytes[2] = 3;
    if (__tsan_atomic8_load(&words->bytes[0], acquire) == 1) get(words->data);
  });
  const Lab::Counts counts = lab.all(any_number);
  EXPECT_EQ(counts.count("data-race"), 0U);
}

TEST_F(Hooks, AnUnalignedWriteTouchesBothWords) {
  lab.task(0, [&] { __tsan_unaligned_write8(reinterpret_cast<char*>(&words->word) + 4); });
  lab.task(1, [&] { __tsan_write8(&words->other); });
  EXPECT_GT(lab.all(any_number).count("data-race"), 0U);
}

TEST_F(Hooks, VolatileIsAtomicWhereTheManifestSaysSo) {
  for (const bool is_atomic : {true, false}) {
    Lab own;
    Cell<Words> w;
    own.cell(w);
    CodeUnderTest::of_program().meaning.volatile_is_atomic = is_atomic;
    own.task(0, [&] { __tsan_volatile_write8(&w->word); });
    own.task(1, [&] { __tsan_volatile_read8(&w->word); });
    EXPECT_EQ(own.all(any_number).count("data-race") != 0, !is_atomic);
  }
}

TEST_F(Hooks, ReadModifyWritesOfAllWidths) {
  lab.task(0, [&] {
    EXPECT_EQ(__tsan_atomic32_fetch_add(&words->data, 5, seq_cst), 0U);
    EXPECT_EQ(__tsan_atomic32_fetch_nand(&words->data, 4, seq_cst), 5U);
    EXPECT_EQ(words->data, ~(5U & 4U));
    EXPECT_EQ(__tsan_atomic8_exchange(&words->bytes[3], 9, seq_cst), 0U);
    EXPECT_EQ(words->bytes[3], 9);
    std::uint64_t expected = 1;
    EXPECT_EQ(__tsan_atomic64_compare_exchange_strong(&words->word, &expected, 8, seq_cst, seq_cst), 0);
    EXPECT_EQ(expected, 0U);
    EXPECT_EQ(__tsan_atomic64_compare_exchange_strong(&words->word, &expected, 8, seq_cst, seq_cst), 1);
    EXPECT_EQ(words->word, 8U);
    const wide big = (wide{3} << 64U) | 4U;
    EXPECT_TRUE(__tsan_atomic128_compare_exchange_val(&words->pair, 0, big, seq_cst, seq_cst) == 0);
    EXPECT_TRUE(words->pair == big);
  });
  for (const MemoryModel model : {MemoryModel::sc, MemoryModel::tso, MemoryModel::c11, MemoryModel::kernel}) {
    lab.settings.model = model;
    EXPECT_EQ(lab.once().end, End::finished);
  }
}

// An announced load puts the older value that it reads into memory, for the code to find.
TEST_F(Hooks, AnOlderValueThatWasReadIsNoneToModify) {
  static std::uint32_t seen;
  lab.settings.model = MemoryModel::c11;
  lab.settings.check_order = false;
  lab.task(0, [&] { __tsan_atomic32_fetch_add(&words->data, 4, relaxed); });
  lab.task(1, [&] {
    seen = get(words->data);
    __tsan_atomic32_fetch_nand(&words->data, ~std::uint32_t{0}, relaxed);
    seen = seen << 8U | words->data % 16;
  });
  // Whoever comes second works on what the first one left: ~(0 + 4), or ~0 + 4.
  const Lab::Counts counts = lab.all(any_number, [&] { return std::to_string(words->data % 16); });
  EXPECT_EQ(counts.size(), 2U);
  EXPECT_GT(counts.count("11"), 0U);
  EXPECT_GT(counts.count("3"), 0U);
}

TEST_F(Hooks, WhatTheHostWritesAfterACallStays) {
  lab.settings.model = MemoryModel::c11;
  lab.settings.check_order = false;
  lab.task(0, [&] { __tsan_atomic32_store(&words->data, 4, relaxed); });
  lab.task(1, [&] {
    lab.machine.begin_call(1);
    get(words->data);
    lab.machine.end_call();
    words->data = 9;
    __tsan_atomic32_load(&words->flag, relaxed);
    EXPECT_NE(words->data, 0U);
    words->data = 4;
  });
  EXPECT_EQ(lab.all(any_number).count("finished"), 1U);
}

TEST_F(Hooks, SixteenBytesAreOneStep) {
  static bool torn;
  torn = false;
  for (unsigned cpu = 0; cpu < 2; ++cpu) {
    lab.task(cpu, [&, cpu] {
      const wide mine = (wide{cpu + 1} << 64U) | (cpu + 1);
      const wide seen = __tsan_atomic128_compare_exchange_val(&words->pair, 0, mine, seq_cst, seq_cst);
      torn = torn || static_cast<std::uint64_t>(seen) != static_cast<std::uint64_t>(seen >> 64U);
    });
  }
  EXPECT_EQ(lab.all(any_number, [] { return std::string(torn ? "torn" : "whole"); }).count("torn"), 0U);
}

TEST_F(Hooks, MemoryIsThereToItsEndAndNoFurther) {
  lab.task(0, [&] {
    auto* block = static_cast<char*>(rcufarm_met_malloc(1000));
    __tsan_memset(block, 1, 1000);
    rcufarm_met_free(block);
  });
  EXPECT_EQ(lab.once().end, End::finished);
  EXPECT_EQ(lab.machine.live_objects(), 0U);
  Lab beyond;
  beyond.task(0, [&] { __tsan_write8(static_cast<char*>(rcufarm_met_malloc(1024)) + 1024); });
  EXPECT_EQ(Lab::describe(beyond.once(), [] { return std::string("finished"); }), "out-of-bounds");
}

TEST_F(Hooks, FreedMemoryIsNobodys) {
  lab.task(0, [&] {
    void* block = rcufarm_met_malloc(300);
    rcufarm_met_free(block);
    __tsan_read8(static_cast<char*>(block) + 256);
  });
  EXPECT_EQ(Lab::describe(lab.once(), [] { return std::string("finished"); }), "use-after-free");
}

TEST_F(Hooks, MemoryWithAnAlignmentZeroedAndMapped) {
  lab.task(0, [&] {
    void* block = nullptr;
    ASSERT_EQ(rcufarm_met_posix_memalign(&block, 4096, 100), 0);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 4096, 0U);
    rcufarm_met_free(block);
    auto* zeroes = static_cast<char*>(rcufarm_met_calloc(10, 10));
    EXPECT_EQ(zeroes[99], 0);
    std::memset(zeroes, 5, 100);
    auto* more = static_cast<char*>(rcufarm_met_realloc(zeroes, 5000));
    EXPECT_EQ(more[99], 5);
    rcufarm_met_free(more);
    constexpr int anonymous = 0x20;
    auto* pages = static_cast<char*>(rcufarm_met_mmap(nullptr, 65536, 3, anonymous, -1, 0));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pages) % 4096, 0U);
    EXPECT_EQ(pages[65535], 0);
    EXPECT_EQ(rcufarm_met_munmap(pages, 65536), 0);
  });
  EXPECT_EQ(lab.once().end, End::finished);
  EXPECT_EQ(lab.machine.live_objects(), 0U);
}

TEST_F(Hooks, AMutexExcludesAndOrders) {
  for (unsigned cpu = 0; cpu < 2; ++cpu) {
    lab.task(cpu, [&] {
      rcufarm_met_pthread_mutex_lock(&words->mutex);
      put(words->data, get(words->data) + 1);
      rcufarm_met_pthread_mutex_unlock(&words->mutex);
    });
  }
  const Lab::Counts counts = lab.all(any_number, [&] { return std::to_string(words->data); });
  EXPECT_EQ(counts.size(), 1U);
  EXPECT_GT(counts.count("2"), 0U);
}

TEST_F(Hooks, ATriedLockIsBusyOrTaken) {
  static int got;
  lab.task(0, [&] {
    rcufarm_met_pthread_mutex_lock(&words->mutex);
    rcufarm_met_pthread_mutex_unlock(&words->mutex);
  });
  lab.task(1, [&] {
    got = rcufarm_met_pthread_mutex_trylock(&words->mutex);
    if (got == 0) rcufarm_met_pthread_mutex_unlock(&words->mutex);
  });
  const Lab::Counts counts = lab.all(any_number, [] { return std::to_string(got); });
  EXPECT_EQ(counts.size(), 2U);
  EXPECT_GT(counts.count("0"), 0U);
  EXPECT_GT(counts.count(std::to_string(EBUSY)), 0U);
}

TEST_F(Hooks, WhoWaitsForAConditionIsWoken) {
  lab.task(0, [&] {
    rcufarm_met_pthread_mutex_lock(&words->mutex);
    while (get(words->data) == 0) rcufarm_met_pthread_cond_wait(&words->condition, &words->mutex);
    rcufarm_met_pthread_mutex_unlock(&words->mutex);
  });
  lab.task(1, [&] {
    rcufarm_met_pthread_mutex_lock(&words->mutex);
    put(words->data, 1);
    rcufarm_met_pthread_cond_signal(&words->condition);
    rcufarm_met_pthread_mutex_unlock(&words->mutex);
  });
  lab.settings.points_max = 2000;
  const Lab::Counts counts = lab.all(2);
  EXPECT_EQ(counts.count("finished"), 1U);
  EXPECT_EQ(counts.count("data-race"), 0U);
  EXPECT_EQ(counts.count("deadlock"), 0U);
}

TEST_F(Hooks, OnceIsOnce) {
  static Words* shared;
  lab.first([&] { shared = &*words; });
  for (unsigned cpu = 0; cpu < 2; ++cpu) {
    lab.task(cpu, [&] {
      rcufarm_met_pthread_once(&words->once, [] {
        __tsan_write4(&shared->data);
        ++shared->data;
      });
      get(words->data);
    });
  }
  const Lab::Counts counts = lab.all(2, [&] { return std::to_string(words->data); });
  EXPECT_EQ(counts.size(), 1U);
  EXPECT_GT(counts.count("1"), 0U);
}

TEST_F(Hooks, ThreadsHaveTheirOwnValuesAndDestructorsRun) {
  static int destroyed;
  destroyed = 0;
  static pthread_key_t key;
  lab.first([] {
    CodeUnderTest::of_program().begin_run();
    rcufarm_met_pthread_key_create(&key, [](void*) { ++destroyed; });
  });
  static const int first_value = 5;
  static EmulatedVariable variable{sizeof(int), alignof(int), 0, &first_value};
  for (unsigned cpu = 0; cpu < 2; ++cpu) {
    lab.task(cpu, [&, cpu] {
      auto* own = static_cast<int*>(__emutls_get_address(&variable));
      EXPECT_EQ(*own, 5);
      *own = static_cast<int>(cpu);
      EXPECT_EQ(rcufarm_met_pthread_getspecific(key), nullptr);
      rcufarm_met_pthread_setspecific(key, own);
      EXPECT_EQ(rcufarm_met_pthread_getspecific(key), own);
      CodeUnderTest::of_program().thread_ends();
    });
  }
  EXPECT_EQ(lab.once().end, End::finished);
  EXPECT_EQ(destroyed, 2);
}

// ---- threads of the code's own ------------------------------------------------------------------------------------------

Words* in_threads;

void* write_data(void*) {
  __tsan_write4(&in_threads->data);
  in_threads->data = 7;
  return &in_threads->data;
}

struct Threads : Hooks {
  static constexpr auto all_models = {MemoryModel::sc, MemoryModel::tso, MemoryModel::c11, MemoryModel::kernel};
  Threads() {
    lab.first([this] {
      CodeUnderTest::of_program().begin_run();
      in_threads = &*words;
    });
    lab.settings.cpus = 4;
    lab.settings.points_max = 5000;
  }
};

TEST_F(Threads, WhatWasDoneBeforeAThreadAndByItIsSeen) {
  lab.task(0, [&] {
    put(words->data, 3);
    pthread_t thread = 0;
    ASSERT_EQ(rcufarm_met_pthread_create(&thread, nullptr, write_data, nullptr), 0);
    void* result = nullptr;
    ASSERT_EQ(rcufarm_met_pthread_join(thread, &result), 0);
    EXPECT_EQ(result, &words->data);
    EXPECT_EQ(get(words->data), 7U);
  });
  for (const MemoryModel model : all_models) {
    lab.settings.model = model;
    const Lab::Counts counts = lab.all(2);
    EXPECT_EQ(counts.size(), 1U);
    EXPECT_GT(counts.count("finished"), 0U);
  }
}

TEST_F(Threads, BesideAThreadNothingIsOrdered) {
  lab.task(0, [&] {
    pthread_t thread = 0;
    rcufarm_met_pthread_create(&thread, nullptr, write_data, nullptr);
    put(words->data, 3);
    rcufarm_met_pthread_join(thread, nullptr);
  });
  EXPECT_GT(lab.all(2).count("data-race"), 0U);
}

TEST_F(Threads, OneThatThePrologueBeganRunsBesideTasks) {
  lab.first([this] {
    CodeUnderTest::of_program().begin_run();
    in_threads = &*words;
    pthread_t thread = 0;
    rcufarm_met_pthread_create(&thread, nullptr, write_data, nullptr);
  });
  lab.task(0, [&] { get(words->data); });
  EXPECT_GT(lab.all(2).count("data-race"), 0U);
}

TEST_F(Threads, WhatThePrologueDidIsSeenByATaskOnTheCpuOfAThread) {
  lab.first([this] {
    CodeUnderTest::of_program().begin_run();
    in_threads = &*words;
    pthread_t thread = 0;
    rcufarm_met_pthread_create(
        &thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr);
    put(words->data, 3);
  });
  lab.task(lab.settings.cpus - 1, [&] { EXPECT_EQ(get(words->data), 3U); });
  for (const MemoryModel model : all_models) {
    lab.settings.model = model;
    const Lab::Counts counts = lab.all(2);
    EXPECT_EQ(counts.size(), 1U);
    EXPECT_GT(counts.count("finished"), 0U);
  }
}

TEST_F(Threads, SeveralHaveValuesAndDestructorsOfTheirOwn) {
  static unsigned destroyed;
  static pthread_key_t key;
  static const int first_value = 5;
  static EmulatedVariable variable{sizeof(int), alignof(int), 0, &first_value};
  lab.task(0, [&] {
    destroyed = 0;
    rcufarm_met_pthread_key_create(&key, [](void*) { ++destroyed; });
    pthread_t threads[3] = {};
    const auto body = [](void* number) -> void* {
      auto* own = static_cast<int*>(__emutls_get_address(&variable));
      EXPECT_EQ((*own)++, 5);
      rcufarm_met_pthread_setspecific(key, own);
      if (number != nullptr) rcufarm_met_pthread_exit(number);
      return reinterpret_cast<void*>(rcufarm_met_pthread_self());
    };
    int numbers[3] = {};
    for (int i = 0; i < 3; ++i) rcufarm_met_pthread_create(&threads[i], nullptr, body, i == 0 ? nullptr : &numbers[i]);
    for (int i = 0; i < 3; ++i) {
      void* result = nullptr;
      EXPECT_EQ(rcufarm_met_pthread_join(threads[i], &result), 0);
      EXPECT_EQ(result, i == 0 ? reinterpret_cast<void*>(threads[0]) : &numbers[i]);
    }
    EXPECT_EQ(destroyed, 3U);
  });
  EXPECT_EQ(lab.once().end, End::finished);
  EXPECT_EQ(lab.all(1).count("finished"), 1U);
}

TEST_F(Threads, WhoNeverEndsEndsWithMain) {
  lab.task(0, [&] {
    pthread_t thread = 0;
    const auto spin = [](void*) -> void* {
      while (__tsan_atomic32_load(&in_threads->flag, acquire) == 0) {
      }
      return nullptr;
    };
    rcufarm_met_pthread_create(&thread, nullptr, spin, nullptr);
  });
  EXPECT_EQ(lab.all(2).count("finished"), 1U);
}

TEST_F(Threads, WhatJoinsTwiceOrNobodyIsAFinding) {
  lab.task(0, [&] {
    pthread_t thread = 0;
    rcufarm_met_pthread_create(&thread, nullptr, write_data, nullptr);
    rcufarm_met_pthread_join(thread, nullptr);
    rcufarm_met_pthread_join(thread, nullptr);
  });
  EXPECT_STREQ(lab.once().violation.text, "a thread is joined that was joined or detached before");
}

TEST_F(Threads, WhoJoinsOneThatWaitsForItsLockIsADeadlock) {
  lab.task(0, [&] {
    pthread_t thread = 0;
    const auto lock = [](void*) -> void* {
      rcufarm_met_pthread_mutex_lock(&in_threads->mutex);
      return nullptr;
    };
    rcufarm_met_pthread_mutex_lock(&words->mutex);
    rcufarm_met_pthread_create(&thread, nullptr, lock, nullptr);
    rcufarm_met_pthread_join(thread, nullptr);
  });
  EXPECT_EQ(Lab::describe(lab.once(), [] { return std::string("finished"); }), "deadlock");
}

TEST_F(Threads, MoreThanThereIsRoomForIsALimit) {
  lab.task(0, [&] {
    for (int i = 0; i < 20; ++i) {
      pthread_t thread = 0;
      rcufarm_met_pthread_create(&thread, nullptr, write_data, nullptr);
      rcufarm_met_pthread_join(thread, nullptr);
    }
  });
  const sim::Outcome outcome = lab.once();
  EXPECT_EQ(outcome.end, End::limit);
  EXPECT_STREQ(outcome.limit, "threads_started_max");
}

TEST_F(Threads, EqualRunsHaveEqualDigestsAndReplay) {
  lab.task(0, [&] {
    pthread_t thread = 0;
    rcufarm_met_pthread_create(&thread, nullptr, write_data, nullptr);
    __tsan_atomic32_fetch_add(&words->flag, 1, seq_cst);
    rcufarm_met_pthread_join(thread, nullptr);
  });
  const std::uint64_t first = lab.once().digest;
  EXPECT_EQ(lab.once().digest, first);
}

TEST_F(Threads, AReadWriteLockExcludesWriters) {
  lab.task(0, [&] {
    rcufarm_met_pthread_rwlock_wrlock(&words->rwlock);
    put(words->data, get(words->data) + 1);
    rcufarm_met_pthread_rwlock_unlock(&words->rwlock);
  });
  lab.task(1, [&] {
    rcufarm_met_pthread_rwlock_rdlock(&words->rwlock);
    get(words->data);
    rcufarm_met_pthread_rwlock_unlock(&words->rwlock);
  });
  for (const MemoryModel model : {MemoryModel::sc, MemoryModel::c11}) {
    lab.settings.model = model;
    const Lab::Counts counts = lab.all(2);
    EXPECT_EQ(counts.count("finished"), 1U);
    EXPECT_EQ(counts.count("data-race"), 0U);
    EXPECT_EQ(counts.count("deadlock"), 0U);
  }
}

TEST_F(Threads, ASemaphoreHandsOn) {
  lab.task(0, [&] {
    put(words->data, 1);
    rcufarm_met_sem_post(&words->semaphore);
  });
  lab.task(1, [&] {
    rcufarm_met_sem_wait(&words->semaphore);
    EXPECT_EQ(get(words->data), 1U);
  });
  const Lab::Counts counts = lab.all(2);
  EXPECT_EQ(counts.count("data-race"), 0U);
  EXPECT_EQ(counts.count("finished"), 1U);
}

TEST_F(Threads, AMembarrierIsAFullFenceOnEveryCpu) {
  for (const bool fenced : {false, true}) {
    Lab own;
    Cell<Words> w;
    own.cell(w);
    own.first([] { CodeUnderTest::of_program().begin_run(); });
    own.settings.model = MemoryModel::tso;
    own.settings.check_order = false;
    static std::uint32_t a;
    static std::uint32_t b;
    own.task(0, [&] {
      __tsan_atomic32_store(&w->data, 1, relaxed);
      a = __tsan_atomic32_load(&w->flag, relaxed);
    });
    own.task(1, [&] {
      __tsan_atomic32_store(&w->flag, 1, relaxed);
      if (fenced) rcufarm_met_syscall(SYS_membarrier, 1, 0, 0, 0, 0, 0);
      b = __tsan_atomic32_load(&w->data, relaxed);
    });
    EXPECT_EQ(own.all(2, [] { return both(int(a), int(b)); }).count("00") != 0, !fenced);
  }
}

TEST_F(Threads, RseqIsNotThereAndTheCpuIs) {
  lab.task(2, [] {
    unsigned cpu = 9;
    EXPECT_EQ(rcufarm_met_syscall(SYS_getcpu, reinterpret_cast<long>(&cpu), 0, 0, 0, 0, 0), 0);
    EXPECT_EQ(cpu, 2U);
    EXPECT_EQ(rcufarm_met_syscall(SYS_rseq, 0, 0, 0, 0, 0, 0), -1);
    EXPECT_EQ(errno, ENOSYS);
  });
  EXPECT_EQ(lab.once().end, End::finished);
}

TEST_F(Hooks, LargeBlocksHaveMemoryWhereTheyAreTouched) {
  lab.task(0, [&] {
    constexpr std::size_t bytes = std::size_t{32} << 20U;
    constexpr int anonymous = 0x20;
    auto* block = static_cast<char*>(rcufarm_met_mmap(nullptr, bytes, 3, anonymous, -1, 0));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % bytes, 0U);
    for (std::size_t at = 0; at < bytes; at += bytes / 16) {
      auto* word = reinterpret_cast<std::uint64_t*>(block + at);
      __tsan_read8(word);
      EXPECT_EQ(*word, 0U);
      __tsan_write8(word);
      *word = at + 1;
    }
    rcufarm_met_munmap(block, bytes);
  });
  for (int run = 0; run < 3; ++run) EXPECT_EQ(lab.once().end, End::finished);
  EXPECT_EQ(lab.machine.live_objects(), 0U);
}

TEST_F(Hooks, AMappingLosesItsEnds) {
  static char* block;
  static std::ptrdiff_t at;
  lab.task(0, [] {
    constexpr std::size_t quarter = std::size_t{1} << 20U;
    constexpr int anonymous = 0x20;
    block = static_cast<char*>(rcufarm_met_mmap(nullptr, 4 * quarter, 3, anonymous, -1, 0));
    EXPECT_EQ(rcufarm_met_munmap(block, quarter), 0);
    EXPECT_EQ(rcufarm_met_munmap(block + 3 * quarter, quarter), 0);
    block += quarter;
    __tsan_write8(block + at);
    rcufarm_met_munmap(block, 2 * quarter);
  });
  const auto finished = [] { return std::string("finished"); };
  for (const std::ptrdiff_t inside : {0, 4096, 2'097'144}) {
    at = inside;
    EXPECT_EQ(Lab::describe(lab.once(), finished), "finished");
    EXPECT_EQ(lab.machine.live_objects(), 0U);
  }
  for (const std::ptrdiff_t outside : {-8, -1'048'576, 2'097'152, 3'145'720}) {
    at = outside;
    EXPECT_EQ(Lab::describe(lab.once(), finished), "out-of-bounds") << outside;
  }
}

TEST_F(Hooks, LargeBlocksHaveAnEndAndAnEndOfLife) {
  static char* block;
  static std::size_t at;
  static bool is_freed;
  lab.task(0, [] {
    block = static_cast<char*>(rcufarm_met_malloc(100'000));
    if (is_freed) rcufarm_met_free(block);
    __tsan_write8(block + at);
  });
  const auto finished = [] { return std::string("finished"); };
  at = 99'992, is_freed = false;
  EXPECT_EQ(Lab::describe(lab.once(), finished), "finished");
  at = 100'000;
  EXPECT_EQ(Lab::describe(lab.once(), finished), "out-of-bounds");
  at = 120'000;
  EXPECT_EQ(Lab::describe(lab.once(), finished), "out-of-bounds");
  at = 50'000, is_freed = true;
  EXPECT_EQ(Lab::describe(lab.once(), finished), "use-after-free");
}

TEST_F(Hooks, WhoSpinsLetsOthersGoOn) {
  lab.task(0, [&] {
    while (__tsan_atomic32_load(&words->flag, acquire) == 0) {
    }
  });
  lab.task(1, [&] { __tsan_atomic32_store(&words->flag, 1, release); });
  lab.settings.points_max = 5000;
  EXPECT_EQ(lab.once().end, End::finished) << "the plain order stays with a thread until it yields";
}

TEST_F(Hooks, WhatNobodyEndsIsNoEnd) {
  lab.task(0, [&] {
    while (__tsan_atomic32_load(&words->flag, acquire) == 0) {
    }
  });
  lab.settings.points_max = 5000;
  EXPECT_EQ(lab.once().end, End::points);
}

// Linkers mark the begin of a section that is restored, and the first variable has that address.
[[gnu::section("under_test_bss")]] int first_variables[2];
extern "C" std::byte begin_of_variables[] __asm__("__start_under_test_bss");

TEST_F(Hooks, TheFirstVariableOfASectionHasItsName) {
  std::byte* volatile begin = begin_of_variables;  // to a compiler two objects have two addresses
  ASSERT_EQ(static_cast<void*>(begin), first_variables);
  const std::string mine = debug_info().variable_at(&first_variables[0]);
  EXPECT_TRUE(mine.ends_with("::first_variables")) << mine;
  EXPECT_EQ(debug_info().variable_at(&first_variables[1]), mine + "+4");
}

TEST_F(Hooks, GlobalsAreWatched) {
  static std::uint64_t global;
  lab.machine.share(&global, sizeof global);
  lab.task(0, [] { __tsan_write4(&global); });
  lab.task(1, [] { __tsan_write4(reinterpret_cast<char*>(&global) + 4); });
  EXPECT_EQ(lab.all(any_number).count("data-race"), 0U) << "two halves are two places";
  lab.task(1, [] { __tsan_read8(&global); });
  EXPECT_GT(lab.all(any_number).count("data-race"), 0U);
}

TEST_F(Hooks, EqualRunsHaveEqualDigests) {
  lab.task(0, [&] { rcufarm_met_free(rcufarm_met_malloc(40)); });
  lab.task(0, [&] { __tsan_atomic32_fetch_add(&words->data, 1, seq_cst); });
  const std::uint64_t first = lab.once().digest;
  EXPECT_EQ(lab.once().digest, first);
}

}  // namespace
}  // namespace rcufarm::hooks
