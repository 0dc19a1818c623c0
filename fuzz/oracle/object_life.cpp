#include "oracle/object_life.h"

#include "oracle/parties.h"

namespace rcufarm::oracle {

using kernel::RcuFlavor;

void ObjectLife::on_alloc_gave(const UserEvent& u) {
  ObjectState* object = books_.find(u.object);
  if (object == nullptr) {
    return verdict_.accuse({.kind = Kind::corrupted_list,
                            .roles = {{"alloc gave it", party_of(u)}},
                            .names = {"alloc"},
                            .text = "alloc gave an address that is in no allocation"});
  }
  switch (object->holder) {
    case Holder::user:
      verdict_.accuse({.kind = Kind::handed_out_twice,
                       .roles = {{"handed out", object->handed_out}, {"handed out again", party_of(u)}},
                       .object = u.object,
                       .names = {"alloc"}});
      return;
    case Holder::slab:
      verdict_.accuse({.kind = Kind::use_after_free,
                       .roles = {{"freed", object->freed_at}, {"handed out", party_of(u)}},
                       .object = u.object,
                       .names = {object->freed_at.site.function, "alloc"},
                       .text = "alloc gave memory that is back in the slab"});
      return;
    case Holder::allocator: check_reuse(u, *object); break;
  }
  object->holder = Holder::user;
  object->cache = u.cache;
  object->freed_by = UserCall::none;
  object->handed_out = party_of(u);
}

void ObjectLife::check_reuse(const UserEvent& u, const ObjectState& object) {
  if (object.freed_by != UserCall::free_rcu) return;
  const sim::Party* reader = sections_.older_reader(RcuFlavor::regular, object.freed);
  if (reader == nullptr) return;
  verdict_.accuse({.kind = Kind::reused_under_reader,
                   .roles = {{"reader began", *reader}, {"freed", object.freed_at}, {"handed out again", party_of(u)}},
                   .object = u.object,
                   .names = {"free_rcu", "alloc"}});
}

void ObjectLife::on_user_frees(const UserEvent& u) {
  ObjectState* object = books_.find(u.object);
  if (object == nullptr) return;
  object->holder = Holder::allocator;
  object->freed_by = u.call;
  object->freed = sections_.now();
  object->freed_at = party_of(u);
}

void ObjectLife::on_slab_free(const sim::Event& e) {
  books_.for_each_part(e.object, [&](std::uint32_t serial) {
    sim::Event part = e;
    part.object = serial;
    // What went with its memory before is no part of what that memory became.
    if (books_.find(serial)->holder != Holder::slab && !verdict_.reached()) object_returns(part);
  });
  if (!verdict_.reached()) object_returns(e);
}

void ObjectLife::object_returns(const sim::Event& e) {
  ObjectState* object = books_.find(e.object);
  if (object == nullptr) return;
  switch (object->holder) {
    case Holder::user:
      verdict_.accuse({.kind = Kind::freed_under_user,
                       .roles = {{"handed out", object->handed_out}, {"freed to the slab", party_of(e)}},
                       .object = e.object,
                       .names = {e.site.function}});
      return;
    case Holder::slab:
      verdict_.accuse({.kind = Kind::freed_twice,
                       .roles = {{"freed", object->freed_at}, {"freed again", party_of(e)}},
                       .object = e.object,
                       .names = {object->freed_at.site.function, e.site.function}});
      return;
    case Holder::allocator: check_return(e, *object); break;
  }
  object->holder = Holder::slab;
  if (object->what[0] != '\0') books_.freed(*object);
  object->freed_at = party_of(e);
}

void ObjectLife::check_return(const sim::Event& e, const ObjectState& object) {
  // Objects that no user had since have no reader; who calls raw_free has waited for them all.
  if (object.freed_by != UserCall::free && object.freed_by != UserCall::free_rcu) return;
  if ((destroyed_ >> object.cache & 1U) != 0) return;
  for (const RcuFlavor flavor : {RcuFlavor::regular, RcuFlavor::tasks_trace}) {
    if (!waits_for(flavor)) continue;
    const sim::Party* reader = sections_.older_reader(flavor, object.freed);
    if (reader == nullptr) continue;
    return verdict_.accuse(
        {.kind = Kind::returned_under_reader,
         .roles = {{"reader began", *reader}, {"freed", object.freed_at}, {"freed to the slab", party_of(e)}},
         .object = e.object,
         .names = {e.site.function},
         .text = flavor == RcuFlavor::regular ? "a regular reader" : "a tasks-trace reader"});
  }
}

}  // namespace rcufarm::oracle
