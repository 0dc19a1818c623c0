// Oracle: every object that is handed out is of the size and of the cache that it was asked from.
//
// Job: accuse when alloc gives an object that is too small, of another cache, or of another size class. It knows no size
// classes: it learns from a run which sizes were served with which slab objects, and two of these ranges may not
// overlap. A run owns it.
#pragma once

#include <cstdint>

#include "oracle/object_books.h"
#include "oracle/user_event.h"
#include "oracle/verdict.h"

namespace rcufarm::oracle {

class ObjectSize {
 public:
  ObjectSize(ObjectBooks& books, Verdict& verdict) : books_(books), verdict_(verdict) {}

  // Before ObjectLife notes the hand-out.
  void on_alloc_gave(const UserEvent& u);
  void reset() {
    for (Cache& cache : caches_) cache.ranges = 0;
  }

 private:
  static constexpr unsigned caches_max = 8;
  static constexpr unsigned ranges_max = 24;  // distinct slab sizes of one cache; more are not looked at
  struct SizeRange {
    std::uint64_t slab_bytes;
    std::uint64_t asked_min;
    std::uint64_t asked_max;
    sim::Party first;
  };
  struct Cache {
    SizeRange range[ranges_max];
    unsigned ranges = 0;
  };
  void check_class(const UserEvent& u);
  void accuse(Kind kind, const UserEvent& u, const char* role, const sim::Party& other, const char* text);

  ObjectBooks& books_;
  Verdict& verdict_;
  Cache caches_[caches_max];
};

}  // namespace rcufarm::oracle
