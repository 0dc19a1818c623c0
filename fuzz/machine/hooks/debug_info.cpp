#include "machine/hooks/debug_info.h"

#include <cxxabi.h>
#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string_view>

#include "machine/engine/check.h"

namespace rcufarm::hooks {

namespace {

// Whoever reads of a finding knows their own lines, and not those of std::atomic.
bool is_of_a_shim(std::string_view file) {
  return file.find("/include/c++/") != std::string_view::npos ||
         file.find("alloc/native/port/") != std::string_view::npos ||
         file.find("fuzz/machine/kernel/port/") != std::string_view::npos ||
         file.find("fuzz/machine/hooks/port/") != std::string_view::npos ||
         file.find("fuzz/linux/include/") != std::string_view::npos ||
         file.find("fuzz/targets/include/") != std::string_view::npos;
}

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

// A piece of a function's code.
struct Code {
  Dwarf_Addr from;
  Dwarf_Addr to;
  Dwarf_Die function;
};

// Of a compiled file. One walk over all that it declares: libdw's own question for scopes takes that walk for each address.
std::vector<Code> code_of(Dwarf_Die* unit) {
  std::vector<Code> code;
  Dwarf_Die die;
  if (dwarf_child(unit, &die) != 0) return code;
  do {
    if (dwarf_tag(&die) != DW_TAG_subprogram) continue;
    Dwarf_Addr base = 0;
    Dwarf_Addr from = 0;
    Dwarf_Addr to = 0;
    for (std::ptrdiff_t at = 0; (at = dwarf_ranges(&die, at, &base, &from, &to)) > 0;) code.push_back({from, to, die});
  } while (dwarf_siblingof(&die, &die) == 0);
  return code;
}

// The inlined call or block in `scope` that has the address.
bool step_in(Dwarf_Die& scope, Dwarf_Addr address) {
  Dwarf_Die die;
  if (dwarf_child(&scope, &die) != 0) return false;
  do {
    const int tag = dwarf_tag(&die);
    if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_lexical_block) continue;
    if (dwarf_haspc(&die, address) <= 0) continue;
    scope = die;
    return true;
  } while (dwarf_siblingof(&die, &die) == 0);
  return false;
}

std::string name_of(const char* variable, GElf_Off offset) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> demangled(abi::__cxa_demangle(variable, nullptr, nullptr, &status),
                                                              &std::free);
  const std::string name = demangled != nullptr ? demangled.get() : variable;
  return offset == 0 ? name : name + "+" + std::to_string(offset);
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

  std::map<Dwarf_Off, std::vector<Code>> code;  // by unit

  Dwarf_Die* unit_at(Dwarf_Addr address, Dwarf_Addr& bias) const { return dwfl_addrdie(session, address, &bias); }

  // The function that the address is in, and what is inlined there, the innermost last.
  std::vector<Dwarf_Die> calls_at(Dwarf_Die* unit, Dwarf_Addr address) {
    const auto [known, is_new] = code.try_emplace(dwarf_dieoffset(unit));
    if (is_new) known->second = code_of(unit);
    std::vector<Dwarf_Die> calls;
    for (const Code& piece : known->second) {
      if (address < piece.from || address >= piece.to) continue;
      Dwarf_Die scope = piece.function;
      do {
        if (dwarf_tag(&scope) != DW_TAG_lexical_block) calls.push_back(scope);
      } while (step_in(scope, address));
      break;
    }
    return calls;
  }
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
  std::vector<Dwarf_Die> calls = impl_->calls_at(unit, address - bias);
  for (; !calls.empty(); calls.pop_back()) {
    const char* name = dwarf_diename(&calls.back());
    place.function = name != nullptr ? name : "unknown";
    if (calls.size() == 1 || !is_of_a_shim(place.file)) break;
    go_to_call(unit, &calls.back(), place);
  }
  return place;
}

std::string DebugInfo::variable_at(const void* pointer) const {
  const auto address = reinterpret_cast<Dwarf_Addr>(pointer);
  Dwfl_Module* module = dwfl_addrmodule(impl_->session, address);
  // Zeroed memory behind a program's file is no part of its mapping.
  if (module == nullptr) module = dwfl_addrmodule(impl_->session, reinterpret_cast<Dwarf_Addr>(&debug_info));
  if (module == nullptr) return "";
  GElf_Off offset = 0;
  GElf_Sym symbol;
  const char* name = dwfl_module_addrinfo(module, address, &offset, &symbol, nullptr, nullptr, nullptr);
  if (name != nullptr && GELF_ST_TYPE(symbol.st_info) == STT_OBJECT && offset < symbol.st_size) {
    return name_of(name, offset);
  }
  // The first variable of a section shares its address with the linker's mark of the section's begin, which is preferred.
  for (int i = 0, count = dwfl_module_getsymtab(module); i < count; ++i) {
    GElf_Addr from = 0;
    name = dwfl_module_getsym_info(module, i, &symbol, &from, nullptr, nullptr, nullptr);
    if (name == nullptr || GELF_ST_TYPE(symbol.st_info) != STT_OBJECT) continue;
    if (address >= from && address - from < symbol.st_size) return name_of(name, address - from);
  }
  return "";
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

}  // namespace rcufarm::hooks
