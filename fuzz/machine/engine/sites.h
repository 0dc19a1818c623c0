// The places in the source that operations come from, numbered.
//
// Job: turn a Site (three pointers' worth) into a number of 16 bits that shadow words and store records can hold. Places
// are kept over the life of a machine: they are names, and no run depends on their numbers. The core's thread.
#pragma once

#include <array>
#include <cstdint>

#include "machine/engine/limits.h"
#include "sim_port/site.h"

namespace rcufarm::sim {

using SiteNumber = std::uint16_t;  // 0: unknown

class Sites {
 public:
  SiteNumber number_of(const Site& site) {
    const std::uint64_t hash = hash_of_pointer(site);
    Recent& recent = recent_[hash >> 32U & (recent_max - 1)];
    const bool is_known =
        (recent.site.function == site.function) & (recent.site.line == site.line) & (recent.site.file == site.file);
    if (!is_known) [[unlikely]]
      renew(recent, site, static_cast<std::uint32_t>(hash >> 32U));
    return recent.number;
  }
  const Site& site(SiteNumber number) const { return sites_[number]; }
  // Of file name, function and line: equal in every process.
  std::uint32_t hash(SiteNumber number) const { return hashes_[number]; }

 private:
  static constexpr std::uint32_t table_size = 4 * sites_max;

  // Most operations come from few places, and these are found at once and in one line of the cache.
  static constexpr std::uint32_t recent_max = 1024;
  struct alignas(32) Recent {
    Site site{nullptr, nullptr, 0};
    SiteNumber number = 0;
  };

  static std::uint64_t hash_of_pointer(const Site& site) {
    return (reinterpret_cast<std::uintptr_t>(site.function) + site.line) * 0x9e3779b97f4a7c15U;
  }
  void renew(Recent& recent, const Site& site, std::uint32_t hash);
  SiteNumber look_up(const Site& site, std::uint32_t hash);
  SiteNumber add(const Site& site, std::uint32_t at);

  std::array<Recent, recent_max> recent_{};
  std::array<SiteNumber, table_size> table_{};
  std::array<Site, sites_max> sites_{};
  std::array<std::uint32_t, sites_max> hashes_{};
  SiteNumber count_ = 1;
};

}  // namespace rcufarm::sim
