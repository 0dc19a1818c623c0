// The user's books: who may have an object, and when a retired one may go.
#include "harness/native/books.h"

#include <gtest/gtest.h>

#include "harness/native/cache_gate.h"

namespace rcufarm::harness {
namespace {

TEST(Books, AnObjectIsInOneHandOnly) {
  Books books(4);
  Record* record = books.begin_record();
  ASSERT_NE(record, nullptr);
  EXPECT_TRUE(books.is_empty(3));
  EXPECT_TRUE(books.publish(3, *record));
  EXPECT_FALSE(books.is_empty(3));
  EXPECT_EQ(books.published(3), record);
  EXPECT_EQ(books.retired(3), nullptr);
  EXPECT_TRUE(books.take(3, *record));
  EXPECT_FALSE(books.take(3, *record));
  EXPECT_EQ(books.published(3), nullptr);
}

TEST(Books, ATakenSlotIsNotOverwritten) {
  Books books(4);
  Record* first = books.begin_record();
  Record* second = books.begin_record();
  EXPECT_TRUE(books.publish(0, *first));
  EXPECT_FALSE(books.publish(0, *second));
  EXPECT_EQ(books.published(0), first);
}

TEST(Books, HandsOutNoMoreThanItMay) {
  Books books(2);
  EXPECT_NE(books.begin_record(), nullptr);
  EXPECT_FALSE(books.is_full());
  EXPECT_NE(books.begin_record(), nullptr);
  EXPECT_TRUE(books.is_full());
  EXPECT_EQ(books.begin_record(), nullptr);
  EXPECT_EQ(books.objects(), 2U);
}

TEST(Books, ARetiredObjectWaitsForBothFlavoursFromAfterItsRetirement) {
  Books books(1);
  Record* record = books.begin_record();
  ASSERT_TRUE(books.publish(0, *record));
  const std::uint32_t too_early = books.synchronize_begins(0);
  ASSERT_EQ(books.retire(0, *record), Books::Retire::done);
  EXPECT_EQ(books.published(0), nullptr) << "nobody finds it any more";
  EXPECT_EQ(books.retired(0), record);
  books.synchronize_ended(0, too_early);
  EXPECT_FALSE(books.may_raw_free(*record)) << "that one began before";
  books.synchronize_ended(0, books.synchronize_begins(0));
  EXPECT_FALSE(books.may_raw_free(*record)) << "the other flavour is missing";
  books.synchronize_ended(1, books.synchronize_begins(1));
  EXPECT_TRUE(books.may_raw_free(*record));
  EXPECT_FALSE(books.take(0, *record)) << "not as a published one";
  EXPECT_TRUE(books.take(0, *record, true));
}

TEST(Books, RetiringWhatSomebodyElseTookIsLost) {
  Books books(1);
  Record* record = books.begin_record();
  ASSERT_TRUE(books.publish(0, *record));
  ASSERT_TRUE(books.take(0, *record));
  EXPECT_EQ(books.retire(0, *record), Books::Retire::lost);
}

TEST(CacheGate, ClosesOnceAndIsIdleWhenTheLastUserHasLeft) {
  CacheGate gate;
  ASSERT_TRUE(gate.enter());
  EXPECT_TRUE(gate.close());
  EXPECT_FALSE(gate.close());
  EXPECT_FALSE(gate.enter());
  EXPECT_FALSE(gate.is_idle());
  gate.leave();
  EXPECT_TRUE(gate.is_idle());
}

}  // namespace
}  // namespace rcufarm::harness
