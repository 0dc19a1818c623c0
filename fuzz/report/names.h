// Names of words: what a reader of the source calls them.
//
// Job: from an allocation and an offset to `c0.free_by_rcu`, `c1[3].rcu`, `obj 7.next`. The fields' names come from a
// table of the allocator's adapter. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "oracle/user_event.h"
#include "report/step.h"
#include "sim_port/site.h"

namespace rcufarm::report {

struct FieldName {
  std::uint32_t offset = 0;
  std::uint32_t bytes = 0;
  const char* name = "";
};

// Memory of the allocator's own that is no per-CPU cache, known by the function that allocates it.
struct OwnMemory {
  const char* by = "";
  const char* name = "";
  std::span<const FieldName> fields;  // by offset
  bool is_numbered = false;           // one for each CPU
};

// The adapter's part. A per-CPU cache is one struct, or an array of them, one for each size class.
struct AllocatorNames {
  std::span<const FieldName> fields;  // of one cache, by offset
  std::uint32_t cache_bytes = 0;      // of one cache
  std::uint32_t header_bytes = 0;     // of an object: the word in front of the user's bytes
  const char* header_name = "next";
  // The first of these is allocated once for each allocator, and before the others.
  std::span<const OwnMemory> own = {};
  // What it calls what a user calls, by oracle::UserCall; "": as the scenario does.
  std::array<const char*, oracle::user_call_count> calls{};
  const char* numbered_file = "";   // steps in the file whose name ends so are told with their line
  bool numbers_every_file = false;  // and those in any other
  // Of user space: malloc and pthread_mutex_lock, not kmalloc and raw_spin_lock.
  bool is_user_space = false;
  // The global that the address is in: "depot", "table+16"; "": none. Null: nobody knows.
  std::string (*global_at)(const void* address) = nullptr;
};

// The table that is linked in.
const AllocatorNames& linked_allocator_names();

class Namer {
 public:
  Namer(const AllocatorNames& names, const Recording& recording) : names_(names), recording_(recording) {}

  // A word, by where it is. "c0.tgt", "a1.c0.tgt" if there are several allocators, "obj 7.next", "obj 7+16".
  // `address` is the word's own, for words that are in no allocation.
  std::string word(Target where, const void* address = nullptr) const;
  // The field of a cache that a word is in: "tgt"; "" if it is in none.
  std::string_view field(Target where) const;
  // The start of something: "c0", "obj 7", "the caches".
  std::string thing(Target where) const;
  // A field's contents: "NULL", "obj 7", "c0", "1".
  std::string value(std::uint64_t value, Target target) const;
  // What the allocation is, as a whole.
  std::string allocation(std::uint32_t serial) const;
  bool is_caches(std::uint32_t serial) const;
  // Is it in a global of the code under test?
  bool is_global(const void* address) const;
  const char* call(oracle::UserCall call) const;
  bool is_user_space() const { return names_.is_user_space; }
  // "", or "137: ".
  std::string line_number(const sim::Site& site) const;
  // One number for each kind of word: a field of all caches, or of all memory of one use; bytes so far into any object.
  std::uint64_t kind_of_word(Target where) const;
  // One number for each cache instance: allocation, CPU and class. 0: the word is in no cache.
  std::uint64_t cache_of(Target where) const;

 private:
  struct InCache {
    unsigned allocator = 0;
    unsigned cpu = 0;
    int size_class = -1;
    bool behind = false;  // in the gap between two CPUs' instances
    std::uint32_t offset = 0;
  };
  // "" if it is none of the allocator's own.
  std::string own_name(std::uint32_t serial) const;
  const OwnMemory* own_at(std::uint32_t serial) const;
  bool in_cache(Target where, InCache& found) const;
  static std::string_view field_at(std::span<const FieldName> fields, std::uint32_t offset);
  std::string cache_name(const InCache& place) const;

  const AllocatorNames& names_;
  const Recording& recording_;
};

}  // namespace rcufarm::report
