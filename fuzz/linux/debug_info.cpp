#include "linux/debug_info.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string_view>

#include "sim/check.h"

namespace rcufarm::linux_shim {

namespace {

bool is_of_the_shim(std::string_view file) { return file.find("fuzz/linux/include/") != std::string_view::npos; }

// The scopes that an address is in, the innermost first.
class Scopes {
 public:
  Scopes(Dwarf_Die* unit, Dwarf_Addr address) : count_(dwarf_getscopes(unit, address, &scopes_)) {}
  ~Scopes() { std::free(scopes_); }
  Scopes(const Scopes&) = delete;
  Scopes& operator=(const Scopes&) = delete;

  Dwarf_Die* begin() { return scopes_; }
  Dwarf_Die* end() { return scopes_ + (count_ > 0 ? count_ : 0); }

 private:
  Dwarf_Die* scopes_ = nullptr;
  int count_;
};

Dwarf_Word number_of(Dwarf_Die* die, unsigned attribute) {
  Dwarf_Attribute found;
  Dwarf_Word value = 0;
  if (dwarf_attr_integrate(die, attribute, &found) == nullptr || dwarf_formudata(&found, &value) != 0) return 0;
  return value;
}

// Where an inlined function was called.
void go_to_call(Dwarf_Die* unit, Dwarf_Die* inlined, SourcePlace& place) {
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  const Dwarf_Word file = number_of(inlined, DW_AT_call_file);
  if (dwarf_getsrcfiles(unit, &files, &count) == 0 && file < count) {
    place.file = dwarf_filesrc(files, file, nullptr, nullptr);
  }
  place.line = static_cast<std::uint32_t>(number_of(inlined, DW_AT_call_line));
}

Field field_of(Dwarf_Die* member) {
  Field field;
  const char* name = dwarf_diename(member);
  if (name == nullptr) return field;
  Dwarf_Attribute attribute;
  Dwarf_Die type;
  Dwarf_Word bytes = 0;
  if (dwarf_attr_integrate(member, DW_AT_type, &attribute) != nullptr &&
      dwarf_formref_die(&attribute, &type) != nullptr) {
    dwarf_aggregate_size(&type, &bytes);
  }
  field.name = name;
  field.offset = static_cast<std::uint32_t>(number_of(member, DW_AT_data_member_location));
  field.bytes = static_cast<std::uint32_t>(bytes);
  return field;
}

}  // namespace

struct DebugInfo::Impl {
  Dwfl_Callbacks callbacks{};
  char* debug_path = nullptr;
  Dwfl* session = nullptr;

  Dwarf_Die* unit_at(Dwarf_Addr address, Dwarf_Addr& bias) const { return dwfl_addrdie(session, address, &bias); }
};

DebugInfo::DebugInfo() : impl_(std::make_unique<Impl>()) {
  impl_->callbacks.find_elf = dwfl_linux_proc_find_elf;
  impl_->callbacks.find_debuginfo = dwfl_standard_find_debuginfo;
  impl_->callbacks.debuginfo_path = &impl_->debug_path;
  impl_->session = dwfl_begin(&impl_->callbacks);
  sim::check(impl_->session != nullptr && dwfl_linux_proc_report(impl_->session, getpid()) == 0 &&
                 dwfl_report_end(impl_->session, nullptr, nullptr) == 0,
             "libdw cannot read this program's own file (/proc/self/maps): names and lines come from it");
}

DebugInfo::~DebugInfo() { dwfl_end(impl_->session); }

SourcePlace DebugInfo::place_at(const void* pointer) const {
  const auto address = reinterpret_cast<Dwarf_Addr>(pointer);
  SourcePlace place;
  Dwarf_Addr bias = 0;
  Dwarf_Die* unit = impl_->unit_at(address, bias);
  Dwfl_Line* line = dwfl_getsrc(impl_->session, address);
  if (unit == nullptr || line == nullptr) return place;
  int number = 0;
  if (const char* file = dwfl_lineinfo(line, nullptr, &number, nullptr, nullptr, nullptr); file != nullptr) {
    place.file = file;
    place.line = static_cast<std::uint32_t>(number);
  }
  for (Dwarf_Die& scope : Scopes(unit, address - bias)) {
    const int tag = dwarf_tag(&scope);
    if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram) continue;
    const char* name = dwarf_diename(&scope);
    place.function = name != nullptr ? name : "unknown";
    if (tag == DW_TAG_subprogram || !is_of_the_shim(place.file)) break;
    go_to_call(unit, &scope, place);
  }
  return place;
}

Struct DebugInfo::struct_named(const char* name, const void* pointer) const {
  Dwarf_Addr bias = 0;
  Dwarf_Die* unit = impl_->unit_at(reinterpret_cast<Dwarf_Addr>(pointer), bias);
  Struct found;
  Dwarf_Die die;
  if (unit == nullptr || dwarf_child(unit, &die) != 0) return found;
  do {
    const char* known = dwarf_diename(&die);
    if (dwarf_tag(&die) != DW_TAG_structure_type || known == nullptr || std::strcmp(known, name) != 0) continue;
    Dwarf_Die member;
    if (dwarf_bytesize(&die) <= 0 || dwarf_child(&die, &member) != 0) continue;
    found.bytes = static_cast<std::uint32_t>(dwarf_bytesize(&die));
    do {
      if (dwarf_tag(&member) != DW_TAG_member) continue;
      if (Field field = field_of(&member); !field.name.empty()) found.fields.push_back(std::move(field));
    } while (dwarf_siblingof(&member, &member) == 0);
    return found;
  } while (dwarf_siblingof(&die, &die) == 0);
  return found;
}

const DebugInfo& debug_info() {
  static const DebugInfo info;
  return info;
}

}  // namespace rcufarm::linux_shim
