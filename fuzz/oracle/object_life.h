// Oracle: the life of an object, as the allocator's contract has it.
//
// Job: accuse when an object is handed out twice, goes back to the slab under its user, is reused under a reader or goes
// back to the slab under one. A run owns it; it sees events, never the allocator. The contract:
//   free       reusable at once; to the slab only when readers of both flavours that are older than the call have left (of
//              those flavours that the allocator waits for: early kernels knew of no sleepable programs)
//   free_rcu   not handed out again while a regular reader that is older than the call is inside; to the slab as above
//   raw_free   to the slab at once: the user has waited
//   destroy    legal once no reader and no user is left, so from then on readers protect nothing of the cache
#pragma once

#include <cstdint>

#include "machine/engine/events.h"
#include "oracle/object_books.h"
#include "oracle/sections.h"
#include "oracle/user_event.h"
#include "oracle/verdict.h"

namespace rcufarm::oracle {

class ObjectLife {
 public:
  ObjectLife(ObjectBooks& books, Sections& sections, Verdict& verdict)
      : books_(books), sections_(sections), verdict_(verdict) {}

  void on_slab_free(const sim::Event& e);
  void on_alloc_gave(const UserEvent& u);
  void on_user_frees(const UserEvent& u);
  void on_destroy_begins(const UserEvent& u) { destroyed_ |= 1U << u.cache; }
  void reset() { destroyed_ = 0; }
  void set_readers(Readers readers) { readers_ = readers; }

 private:
  void check_reuse(const UserEvent& u, const ObjectState& object);
  void object_returns(const sim::Event& e);
  void check_return(const sim::Event& e, const ObjectState& object);
  bool waits_for(kernel::RcuFlavor flavor) const {
    return readers_ == Readers::both || (readers_ == Readers::regular && flavor == kernel::RcuFlavor::regular);
  }

  ObjectBooks& books_;
  Sections& sections_;
  Verdict& verdict_;
  std::uint32_t destroyed_ = 0;  // caches, by bit
  Readers readers_ = Readers::both;
};

}  // namespace rcufarm::oracle
