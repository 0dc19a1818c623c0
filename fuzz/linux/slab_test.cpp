// The shim's slab: caches of one size, sizes that stand for nothing, and the oracle of destructors, each breach beside the correct use.
#include <string>
#include <vector>

#include "linux/dtor.h"
#include "machine/lab.h"
// Last: it defines names of its own.
#include "linux/shim.h"

namespace rcufarm::linux_shim {
namespace {

struct Warnings final : sim::Observer {
  std::vector<std::string> texts;
  void on_event(const sim::Event& event) override {
    if (event.kind == sim::EventKind::warn) texts.emplace_back(event.text);
  }
};

class LinuxSlab : public testing::Test {
 protected:
  // What a task that does this is warned of; "" if of nothing. Nothing may be left in the slab.
  std::string warned(const std::function<void()>& body) {
    sim::Lab lab;
    Warnings warnings;
    lab.settings.check_order = false;
    lab.machine.set_observer(&warnings);
    lab.first([] {
      begin_slab(8);
      begin_kmem_caches();
      begin_dtors();
    });
    lab.task(0, body);
    EXPECT_EQ(lab.once().end, sim::End::finished);
    left_ = lab.machine.live_objects();
    std::string all;
    for (const std::string& text : warnings.texts) all += (all.empty() ? "" : "; ") + text;
    return all;
  }
  std::size_t left_ = 0;
};

TEST_F(LinuxSlab, WhatATypesafeCacheGetsBackStaysItsOwnAndComesFirst) {
  EXPECT_EQ(warned([] {
              kmem_cache* cache = kmem_cache_create("x", 64, 8, SLAB_TYPESAFE_BY_RCU, nullptr);
              void* first = kmem_cache_alloc_node(cache, GFP_KERNEL, 0);
              void* second = kmem_cache_alloc_node(cache, GFP_KERNEL, 0);
              kmem_cache_free(cache, first);
              foreign::load(first, 8, kernel::Order::relaxed, sim::Site{});  // it is memory still
              kmem_cache_free(cache, second);
              EXPECT_EQ(kmem_cache_alloc_node(cache, GFP_KERNEL, 0), second);
              kmem_cache_free(cache, second);
              kmem_cache_destroy(cache);
            }),
            "");
  EXPECT_EQ(left_, 0U);
}

TEST_F(LinuxSlab, ACacheIsWarnedOf) {
  EXPECT_EQ(warned([] {
              kmem_cache* cache = kmem_cache_create("x", 64, 8, SLAB_TYPESAFE_BY_RCU, nullptr);
              void* object = kmem_cache_alloc_node(cache, GFP_KERNEL, 0);
              kmem_cache_free(cache, object);
              kmem_cache_free(cache, object);
              kmem_cache_destroy(cache);
            }),
            "an object is freed into its kmem_cache a second time");
  EXPECT_EQ(left_, 0U);
  EXPECT_EQ(warned([] {
              kmem_cache* cache = kmem_cache_create("x", 64, 8, 0, nullptr);
              kmem_cache_alloc_node(cache, GFP_KERNEL, 0);
              kmem_cache_destroy(cache);
            }),
            "a kmem_cache is destroyed while objects of its are out");
  EXPECT_EQ(left_, 1U);
}

TEST_F(LinuxSlab, ACacheIsMemory) {
  EXPECT_EQ(warned([] {
              kmem_cache_create("x", 64, 8, 0, nullptr);
              kmem_cache_destroy(kmem_cache_create("y", 64, 8, 0, nullptr));
              kmem_cache_destroy(nullptr);
            }),
            "");
  EXPECT_EQ(left_, 1U);
  sim::Lab lab;
  lab.settings.check_order = false;
  lab.settings.slab_fails = [](void*, std::uint32_t nth) { return nth == 0; };
  lab.first([] {
    begin_slab(8);
    begin_kmem_caches();
  });
  lab.task(0, [] {
    EXPECT_EQ(kmem_cache_create("x", 64, 8, 0, nullptr), nullptr);
    EXPECT_NE(kmem_cache_create("x", 64, 8, 0, nullptr), nullptr);
  });
  EXPECT_EQ(lab.once().end, sim::End::finished);
}

TEST_F(LinuxSlab, SizesFollowTheVersionsSmallest) {
  EXPECT_EQ(warned([] {
              EXPECT_EQ(kmalloc_size_roundup(9), 16U);
              EXPECT_EQ(kmalloc_size_roundup(65), 96U);
              EXPECT_EQ(ksize(ZERO_SIZE_PTR), 0U);
              EXPECT_EQ(ksize(static_cast<char*>(ZERO_SIZE_PTR) - 8), 0U) << "as the kernel's, of all below it too";
              EXPECT_EQ(__ksize(ZERO_SIZE_PTR), 0U);
              begin_slab(64);
              EXPECT_EQ(kmalloc_size_roundup(9), 64U);
              EXPECT_EQ(kmalloc_size_roundup(65), 128U);
              EXPECT_EQ(kmalloc_size_roundup(129), 192U);
              begin_slab(128);
              EXPECT_EQ(kmalloc_size_roundup(129), 256U);
            }),
            "");
}

TEST_F(LinuxSlab, AskingBelowWhatStandsForZeroBytesIsAFault) {
  sim::Lab lab;
  lab.task(0, [] { __ksize(static_cast<char*>(ZERO_SIZE_PTR) - 8); });
  const sim::Violation violation = lab.once().violation;
  EXPECT_EQ(violation.kind, sim::ViolationKind::out_of_bounds);
  EXPECT_STRNE(violation.second.site.function, "") << "it is told where";
}

TEST_F(LinuxSlab, EachPlacePrintsOnce) {
  testing::internal::CaptureStderr();
  for (int i = 0; i < 100; ++i) {
    rcufarm_printk("here %d\n", i);
    rcufarm_printk("there %d\n", i);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "here 0\nthere 0\n");
}

struct Element {
  const void* ma = &ma;
  void* context = new_dtor_context(ma);
  char* memory = static_cast<char*>(kmalloc_node(32, GFP_NOWAIT, 0));
  void* object = memory + sizeof(void*);
  Element() { dtor_handed_out(ma, object); }
  void end() {
    kfree(memory);
    free_dtor_context(context);
  }
};

TEST_F(LinuxSlab, ADestructorRunsOnceForWhatGoesBack) {
  EXPECT_EQ(warned([] {
              Element e;
              dtor_freed(e.object);
              run_dtor(e.object, e.context);
              e.end();
            }),
            "");
  EXPECT_EQ(left_, 0U);
  EXPECT_EQ(warned([] {
              Element e;
              dtor_freed_raw(e.object);
              e.end();
            }),
            "")
      << "raw_free goes without";
}

TEST_F(LinuxSlab, ADestructorIsWarnedOf) {
  EXPECT_EQ(warned([] {
              Element e;
              dtor_freed(e.object);
              run_dtor(e.object, e.context);
              run_dtor(e.object, e.context);
              e.end();
            }),
            "the destructor runs a second time for one object");
  EXPECT_EQ(warned([] {
              Element e;
              run_dtor(e.object, e.context);
              e.end();
            }),
            "the destructor runs for an object that a user has");
  EXPECT_EQ(warned([] {
              Element e;
              dtor_freed(e.object);
              e.end();
            }),
            "an object goes back to the slab without its destructor");
}

TEST_F(LinuxSlab, AContextThatIsFreedTooEarlyIsUsedAfterItsFree) {
  sim::Lab lab;
  lab.first([] { begin_dtors(); });
  lab.task(0, [] {
    Element e;
    dtor_freed(e.object);
    free_dtor_context(e.context);
    run_dtor(e.object, e.context);
  });
  EXPECT_EQ(lab.once().violation.kind, sim::ViolationKind::use_after_free);
}

}  // namespace
}  // namespace rcufarm::linux_shim
