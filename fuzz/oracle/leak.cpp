#include "oracle/leak.h"

namespace rcufarm::oracle {

void accuse_leak(ObjectBooks& books, Verdict& verdict) {
  for (std::uint32_t serial = 1; serial <= books.last_serial(); ++serial) {
    const ObjectState* object = books.find(serial);
    if (object->holder == Holder::slab || object->what[0] == '\0') continue;
    Accusation accusation{.kind = Kind::leak,
                          .roles = {{"allocated", object->allocated}},
                          .object = serial,
                          .names = {object->what, object->allocated.site.function},
                          .text = "still allocated at the end"};
    if (object->freed_by != UserCall::none) accusation.roles[1] = {"freed by the user", object->freed_at};
    return verdict.accuse(accusation);
  }
}

}  // namespace rcufarm::oracle
