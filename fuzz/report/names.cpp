#include "report/names.h"

#include <fmt/format.h>

#include <string_view>

#include "machine/memory/memory.h"

namespace rcufarm::report {

bool Namer::is_caches(std::uint32_t serial) const {
  return serial != 0 && serial < recording_.allocations.size() &&
         recording_.allocations[serial].kind == Allocation::Kind::caches;
}

bool Namer::in_cache(Target where, InCache& found) const {
  if (!is_caches(where.serial) || names_.cache_bytes == 0) return false;
  const Allocation& caches = recording_.allocations[where.serial];
  const std::uint64_t stride = sim::Memory::caches_stride_of(caches.bytes);
  const std::uint64_t within = where.offset % stride;
  found.allocator = caches.allocator;
  found.cpu = static_cast<unsigned>(where.offset / stride);
  found.behind = within >= caches.bytes;
  found.offset = static_cast<std::uint32_t>(within % names_.cache_bytes);
  found.size_class = caches.bytes > names_.cache_bytes ? static_cast<int>(within / names_.cache_bytes) : -1;
  return true;
}

std::uint64_t Namer::cache_of(Target where) const {
  InCache place;
  if (!in_cache(where, place)) return 0;
  return (std::uint64_t{where.serial} << 32U) | (std::uint64_t{place.cpu} << 16U) |
         static_cast<std::uint64_t>(place.size_class + 2);
}

std::uint64_t Namer::kind_of_word(Target where) const {
  InCache place;
  if (in_cache(where, place)) return std::uint64_t{1} << 32U | place.offset;
  const OwnMemory* const own = own_at(where.serial);
  const std::uint64_t use = own == nullptr ? 0 : static_cast<std::uint64_t>(own - names_.own.data()) + 2;
  return use << 32U | where.offset;
}

std::string Namer::cache_name(const InCache& place) const {
  const std::string owner = recording_.allocators > 1 ? fmt::format("a{}.", place.allocator) : "";
  return place.size_class < 0 ? fmt::format("{}c{}", owner, place.cpu)
                              : fmt::format("{}c{}[{}]", owner, place.cpu, place.size_class);
}

std::string Namer::word(Target where, const void* address) const {
  if (where.serial == 0) {
    const std::string global = names_.global_at != nullptr && address != nullptr ? names_.global_at(address) : "";
    if (!global.empty()) return global;
    return names_.is_user_space ? "a word of a thread's or a user's" : "a word of the allocator object or of its user";
  }
  InCache place;
  if (const std::string own = own_name(where.serial); !own.empty()) {
    const std::string_view field = field_at(own_at(where.serial)->fields, where.offset);
    return field.empty() ? fmt::format("{}+{}", own, where.offset) : fmt::format("{}.{}", own, field);
  }
  if (!in_cache(where, place)) {
    if (where.offset < names_.header_bytes) return fmt::format("obj {}.{}", where.serial, names_.header_name);
    return fmt::format("obj {}+{}", where.serial, where.offset);
  }
  if (place.behind) return fmt::format("memory behind the caches of CPU {}", place.cpu);
  const std::string_view field = field_at(names_.fields, place.offset);
  return field.empty() ? fmt::format("{}+{}", cache_name(place), place.offset)
                       : fmt::format("{}.{}", cache_name(place), field);
}

bool Namer::is_global(const void* address) const {
  return names_.global_at != nullptr && address != nullptr && !names_.global_at(address).empty();
}

std::string_view Namer::field(Target where) const {
  InCache place;
  return in_cache(where, place) && !place.behind ? field_at(names_.fields, place.offset) : "";
}

std::string_view Namer::field_at(std::span<const FieldName> fields, std::uint32_t offset) {
  for (const FieldName& field : fields) {
    if (offset >= field.offset && offset - field.offset < field.bytes) return field.name;
  }
  return "";
}

const OwnMemory* Namer::own_at(std::uint32_t serial) const {
  if (serial == 0 || serial >= recording_.allocations.size()) return nullptr;
  for (const OwnMemory& own : names_.own) {
    if (std::string_view(own.by) == recording_.allocations[serial].by) return &own;
  }
  return nullptr;
}

std::string Namer::own_name(std::uint32_t serial) const {
  const OwnMemory* const own = own_at(serial);
  if (own == nullptr) return "";
  unsigned allocators = 0;
  unsigned mine = 0;
  unsigned before = 0;  // of its kind, in its allocator
  for (std::uint32_t i = 1; i < recording_.allocations.size(); ++i) {
    const OwnMemory* const other = own_at(i);
    if (other == &names_.own.front()) {
      ++allocators;
      if (i <= serial) before = 0;
    }
    if (i <= serial) mine = allocators;
    if (i < serial && other == own) ++before;
  }
  const std::string owner = allocators > 1 ? fmt::format("a{}.", mine - 1) : "";
  return owner + own->name + (own->is_numbered ? std::to_string(before) : "");
}

std::string Namer::thing(Target where) const {
  InCache place;
  if (const std::string own = own_name(where.serial); !own.empty()) {
    return where.offset == 0 ? own : fmt::format("{}+{}", own, where.offset);
  }
  if (!in_cache(where, place)) {
    return where.offset <= names_.header_bytes ? fmt::format("obj {}", where.serial)
                                               : fmt::format("obj {}+{}", where.serial, where.offset);
  }
  return place.offset == 0 && !place.behind ? cache_name(place) : word(where);
}

std::string Namer::value(std::uint64_t value, Target target) const {
  if (target.serial != 0) return thing(target);
  // Flags and counts are small; what is not is a pointer to nothing that the run knows.
  constexpr std::uint64_t small_max = 1U << 20U;
  if (value <= small_max) return fmt::format("{}", value);
  const auto negative = static_cast<std::int32_t>(value & 0xffffffffU);
  if (negative < 0 && negative > -65536) return fmt::format("{}", negative);
  const std::string global = names_.global_at != nullptr ? names_.global_at(reinterpret_cast<const void*>(value)) : "";
  return global.empty() ? "a stray pointer" : "&" + global;
}

const char* Namer::call(oracle::UserCall call) const {
  const char* name = names_.calls[static_cast<std::size_t>(call)];
  return name != nullptr && name[0] != '\0' ? name : oracle::name_of(call);
}

std::string Namer::line_number(const sim::Site& site) const {
  const std::string_view wanted = names_.numbered_file;
  const bool is_wanted =
      names_.numbers_every_file || (!wanted.empty() && std::string_view(site.file).ends_with(wanted));
  if (!is_wanted || site.line == 0) return "";
  return fmt::format("{}: ", site.line);
}

std::string Namer::allocation(std::uint32_t serial) const {
  if (std::string own = own_name(serial); !own.empty()) return own;
  if (!is_caches(serial)) return fmt::format("obj {}", serial);
  if (recording_.allocators > 1) return fmt::format("the caches of a{}", recording_.allocations[serial].allocator);
  return "the caches";
}

}  // namespace rcufarm::report
