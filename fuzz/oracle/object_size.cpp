#include "oracle/object_size.h"

#include <algorithm>

#include "oracle/parties.h"

namespace rcufarm::oracle {

void ObjectSize::accuse(Kind kind, const UserEvent& u, const char* role, const sim::Party& other, const char* text) {
  verdict_.accuse({.kind = kind,
                   .roles = {{role, other}, {"handed out", party_of(u)}},
                   .object = u.object,
                   .names = {"alloc"},
                   .text = text});
}

void ObjectSize::on_alloc_gave(const UserEvent& u) {
  const ObjectState* object = books_.find(u.object);
  if (object == nullptr || u.cache >= caches_max) return;
  if (u.slab_bytes < u.user_offset + u.bytes) {
    return accuse(Kind::wrong_size, u, "allocated", object->allocated, "the object is smaller than asked for");
  }
  if (u.instances != 0 && u.instance_bytes < u.instance_asked) {
    return accuse(Kind::wrong_size, u, "allocated", object->allocated,
                  "its per-CPU instances are smaller than asked for");
  }
  if (object->cache != no_cache && object->cache != u.cache) {
    return accuse(Kind::wrong_list, u, "handed out by another cache", object->handed_out,
                  "the object belongs to another cache");
  }
  check_class(u);
}

// Sizes are served in order: what is asked for between two sizes of one class is of that class.
void ObjectSize::check_class(const UserEvent& u) {
  Cache& cache = caches_[u.cache];
  SizeRange* own = nullptr;
  for (unsigned i = 0; i < cache.ranges; ++i) {
    SizeRange& range = cache.range[i];
    if (range.slab_bytes == u.slab_bytes) {
      own = &range;
    } else if (range.slab_bytes < u.slab_bytes ? u.bytes <= range.asked_max : u.bytes >= range.asked_min) {
      return accuse(Kind::wrong_list, u, "a size of the other class was served", range.first,
                    "the object is of another size class");
    }
  }
  if (own != nullptr) {
    own->asked_min = std::min(own->asked_min, u.bytes);
    own->asked_max = std::max(own->asked_max, u.bytes);
  } else if (cache.ranges < ranges_max) {
    cache.range[cache.ranges++] = {u.slab_bytes, u.bytes, u.bytes, party_of(u)};
  }
}

}  // namespace rcufarm::oracle
