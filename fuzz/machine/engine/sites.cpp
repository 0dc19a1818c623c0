// Job: see sites.h.
#include "machine/engine/sites.h"

#include <string_view>

#include "machine/engine/check.h"

namespace rcufarm::sim {

namespace {
std::uint32_t hash_of(const Site& site) {
  std::string_view file = site.file;
  file.remove_prefix(file.find_last_of('/') + 1);  // npos + 1 is 0
  std::uint32_t hash = 2166136261U;                // FNV-1a
  const auto mix = [&hash](std::uint32_t byte) { hash = (hash ^ byte) * 16777619U; };
  for (const char c : file) mix(static_cast<unsigned char>(c));
  for (const char c : std::string_view(site.function)) mix(static_cast<unsigned char>(c));
  for (unsigned shift = 0; shift < 32; shift += 8) mix(site.line >> shift & 0xffU);
  return hash;
}
}  // namespace

SiteNumber Sites::renew(const char* file, const char* function, std::uint32_t line) {
  const SiteNumber number = look_up({file, function, line});
  if (line <= 0xffffU) recent_[place_of(function, line)] = {function, rest_of(file, line) | number};
  return number;
}

SiteNumber Sites::look_up(const Site& site) {
  const std::uint64_t hash = (reinterpret_cast<std::uintptr_t>(site.function) + site.line) * 0x9e3779b97f4a7c15U >> 32U;
  for (std::uint32_t at = hash % table_size;; at = (at + 1) % table_size) {
    const SiteNumber number = table_[at];
    if (number == 0) return add(site, at);
    const Site& known = sites_[number];
    if (known.line == site.line && known.function == site.function && known.file == site.file) return number;
  }
}

SiteNumber Sites::add(const Site& site, std::uint32_t at) {
  check(count_ < sites_max, "more places in the source than limits.h allows: raise sites_max");
  sites_[count_] = site;
  const std::uint64_t hash = hash_of(site) * 0x9e3779b97f4a7c15U;
  as_store_[count_] = static_cast<std::uint32_t>(hash);
  as_load_[count_] = static_cast<std::uint32_t>(hash >> 32U);
  table_[at] = count_;
  return count_++;
}

}  // namespace rcufarm::sim
