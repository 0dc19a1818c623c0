// The names of a cache's fields.
//
// Job: the adapter's table of report/names.h, from debug information: a patch's new fields have their names, too.
#include "report/names.h"

#include <algorithm>
#include <vector>

#include "machine/hooks/debug_info.h"

extern "C" {
#include "linux/calls.h"
}

namespace rcufarm::report {

namespace {

struct Names {
  hooks::Struct cache = hooks::debug_info().struct_named("bpf_mem_cache", rcufarm_linked_calls().code);
  std::vector<FieldName> fields;
  AllocatorNames names;

  Names() {
    for (const hooks::Field& field : cache.fields) {
      fields.push_back({field.offset, field.bytes, field.name.c_str()});
    }
    std::sort(fields.begin(), fields.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
    names = {.fields = fields,
             .cache_bytes = cache.bytes,
             .header_bytes = sizeof(void*),  // the list node
             .numbered_file = "memalloc.c"};
  }
};

}  // namespace

const AllocatorNames& linked_allocator_names() {
  static const Names all;
  return all.names;
}

}  // namespace rcufarm::report
