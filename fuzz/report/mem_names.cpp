// The names of alloc/mem's fields.
//
// Job: the adapter's table of names.h. Compiled once for each copy of the allocator: the build lists what looks like a
// field in the copy's own mem_cache.h, so that a patch's new fields have their names too, and what is no field of a
// cache drops out here.
#include <algorithm>
#include <vector>

#include "mem/mem_cache.h"
#include "report/names.h"

namespace rcufarm::report {

namespace {

template <class Cache, class Add>
void each_field([[maybe_unused]] Cache& c, [[maybe_unused]] Add add) {
#define RCUFARM_FIELD(field) \
  if constexpr (requires { sizeof(c.field); }) add(#field, &c.field, sizeof(c.field));
#include "mem_fields.inc"
#undef RCUFARM_FIELD
}

struct Table {
  std::vector<FieldName> fields;
  AllocatorNames names;

  Table() {
    mem::MemCache sample;
    const auto* base = reinterpret_cast<const char*>(&sample);
    each_field(sample, [&](const char* name, const void* field, std::size_t bytes) {
      const auto offset = static_cast<std::uint32_t>(static_cast<const char*>(field) - base);
      fields.push_back({offset, static_cast<std::uint32_t>(bytes), name});
    });
    std::sort(fields.begin(), fields.end(), [](const FieldName& a, const FieldName& b) { return a.offset < b.offset; });
    names = {.fields = fields,
             .cache_bytes = sizeof(mem::MemCache),
             .header_bytes = static_cast<std::uint32_t>(mem::header_bytes),
             .numbers_every_file = true};
  }
};

}  // namespace

const AllocatorNames& linked_allocator_names() {
  static const Table table;
  return table.names;
}

}  // namespace rcufarm::report
