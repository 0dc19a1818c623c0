#include "oracle/words.h"

#include <gtest/gtest.h>

#include <string>

#include "oracle/signature.h"

namespace rcufarm::oracle {
namespace {

TEST(Words, NoKindIsToldInTheKernelsWordsToAUserOfMalloc) {
  for (const Kind kind : {Kind::leak,
                          Kind::handed_out_twice,
                          Kind::freed_under_user,
                          Kind::freed_twice,
                          Kind::bad_free,
                          Kind::reused_under_reader,
                          Kind::returned_under_reader,
                          Kind::wrong_size,
                          Kind::spurious_null,
                          Kind::use_after_free,
                          Kind::callback_on_freed_cache,
                          Kind::freed_in_use,
                          Kind::corrupted_list,
                          Kind::data_race,
                          Kind::freed_without_happens_before,
                          Kind::crash,
                          Kind::queued_twice,
                          Kind::illegal_context,
                          Kind::double_lock,
                          Kind::unbalanced,
                          Kind::deadlock,
                          Kind::no_end,
                          Kind::corrupted}) {
    const std::string meaning = meaning_in_user_space(kind);
    EXPECT_NE(meaning, "");
    for (const char* word : {"slab", "free_rcu", "irq", "interrupt", "kernel", "regular"}) {
      EXPECT_EQ(meaning.find(word), std::string::npos) << name_of(kind) << ": " << meaning;
    }
  }
}

// Who calls abort() has followed no broken pointer.
TEST(Words, AProcessEndsForManyReasons) {
  EXPECT_STREQ(meaning_in_user_space(Kind::crash), "the process would have ended here");
  Accusation accusation{.kind = Kind::crash, .roles = {{"faulted", {}}}, .text = "abort() was called"};
  say_in_user_space(accusation);
  EXPECT_STREQ(accusation.roles[0].role, "ended");
  EXPECT_STREQ(accusation.text, "abort() was called");
}

TEST(Words, AnAccusationIsToldAnew) {
  Accusation accusation{.kind = Kind::reused_under_reader,
                        .roles = {{"freed to the slab", {}}},
                        .names = {"free_rcu", "alloc"},
                        .text = "a regular reader"};
  accusation.roles[0].party.site.function = "free_rcu";
  say_in_user_space(accusation);
  EXPECT_EQ(signature_of(accusation), "reused-under-reader: free_deferred, alloc");
  EXPECT_STREQ(accusation.roles[0].role, "memory freed");
  EXPECT_STREQ(accusation.roles[0].party.site.function, "free_deferred");
  EXPECT_STREQ(accusation.text, "a reader");
  EXPECT_STREQ(accusation.roles[1].role, "");
}

TEST(Words, OperationsAreThoseOfACLibrary) {
  Accusation accusation{.kind = Kind::illegal_context, .names = {"raw_spin_lock", "kfree"}};
  say_in_user_space(accusation);
  EXPECT_STREQ(accusation.names[0], "pthread_mutex_lock");
  EXPECT_STREQ(accusation.names[1], "free");
}

}  // namespace
}  // namespace rcufarm::oracle
