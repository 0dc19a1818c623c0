// The names of a pool's memory and calls.
//
// Job: the adapter's table of report/names.h, of a page's words and the debug information of its structs.
#include "report/names.h"

#include <algorithm>
#include <deque>
#include <vector>

#include "machine/hooks/debug_info.h"

extern "C" {
#include "linux/pools/pool.h"
}

namespace rcufarm::report {

namespace {

struct Names {
  const rcufarm_pool page = rcufarm_linked_pool();
  std::deque<hooks::Struct> structs;  // whose names the fields have
  std::deque<std::vector<FieldName>> fields;
  std::vector<OwnMemory> own;
  AllocatorNames names;

  std::span<const FieldName> fields_of(const char* type) {
    if (type[0] == '\0') return {};
    structs.push_back(hooks::debug_info().struct_named(type, page.code));
    auto& list = fields.emplace_back();
    for (const hooks::Field& field : structs.back().fields) {
      // An array at the end has no size of its own.
      list.push_back({field.offset, field.bytes != 0 ? field.bytes : ~0U - field.offset, field.name.c_str()});
    }
    std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
    return list;
  }

  Names() {
    names.header_bytes = sizeof(void*);  // whose element it is
    names.header_name = "element";
    if (page.cache_type[0] != '\0') {
      names.fields = fields_of(page.cache_type);
      names.cache_bytes = structs.back().bytes;
    }
    for (const rcufarm_named& named : page.named) {
      if (named.function != nullptr) own.push_back({named.function, named.name, fields_of(named.type), named.each_cpu});
    }
    names.own = own;
    using oracle::UserCall;
    const auto call = [&](UserCall which, const char* name) { names.calls[static_cast<std::size_t>(which)] = name; };
    call(UserCall::init, page.make_name);
    call(UserCall::alloc, page.pop_name);
    call(UserCall::free, page.push_name);
    call(UserCall::raw_free, page.drop_name);
    call(UserCall::destroy, page.fini_name);
    const std::string_view file = page.file;
    names.numbered_file = page.file + (file.rfind('/') + 1);
  }
};

}  // namespace

const AllocatorNames& linked_allocator_names() {
  static const Names all;
  return all.names;
}

}  // namespace rcufarm::report
