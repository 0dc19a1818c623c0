// Oracle: what an allocator hands out is charged to the object cgroup of who made it.
//
// Job: accuse at the hand-out. When memory is uncharged is the slab's business: at its free. A run owns it.
#pragma once

#include <cstdint>

#include "oracle/object_books.h"
#include "oracle/parties.h"
#include "oracle/user_event.h"
#include "oracle/verdict.h"

namespace rcufarm::oracle {

class Charges {
 public:
  Charges(ObjectBooks& books, Verdict& verdict) : books_(books), verdict_(verdict) {}

  void on_cache_made(const UserEvent& u) { charged_caches_ |= u.value != 0 ? bit(u.cache) : 0; }
  void on_alloc_gave(const UserEvent& u) {
    if ((charged_caches_ & bit(u.cache)) == 0) return;
    for (const std::uint32_t serial : {u.object, u.instances}) {
      const ObjectState* object = books_.find(serial);
      if (object == nullptr || object->charged) continue;
      return verdict_.accuse({.kind = Kind::not_charged,
                              .roles = {{"allocated", object->allocated}, {"handed out", party_of(u)}},
                              .object = serial,
                              .names = {object->allocated.site.function, object->what},
                              .text = "the caller of init has an object cgroup"});
    }
  }
  void reset() { charged_caches_ = 0; }

 private:
  static constexpr std::uint32_t bit(std::uint8_t cache) { return 1U << (cache % 32U); }

  ObjectBooks& books_;
  Verdict& verdict_;
  std::uint32_t charged_caches_ = 0;
};

}  // namespace rcufarm::oracle
