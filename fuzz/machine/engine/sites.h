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
    std::uint32_t at = slot_of(site);
    while (true) {
      const SiteNumber number = table_[at];
      if (number == 0) return add(site, at);
      const Site& known = sites_[number];
      if (known.line == site.line && known.function == site.function && known.file == site.file) [[likely]]
        return number;
      at = (at + 1) % table_size;
    }
  }
  const Site& site(SiteNumber number) const { return sites_[number]; }
  // Of file name, function and line: equal in every process.
  std::uint32_t hash(SiteNumber number) const { return hashes_[number]; }

 private:
  static constexpr std::uint32_t table_size = 4 * sites_max;

  static std::uint32_t slot_of(const Site& site) {
    const std::uint64_t mixed = (reinterpret_cast<std::uintptr_t>(site.function) + site.line) * 0x9e3779b97f4a7c15U;
    return static_cast<std::uint32_t>(mixed >> 32U) % table_size;
  }
  SiteNumber add(const Site& site, std::uint32_t at);

  std::array<SiteNumber, table_size> table_{};
  std::array<Site, sites_max> sites_{};
  std::array<std::uint32_t, sites_max> hashes_{};
  SiteNumber count_ = 1;
};

}  // namespace rcufarm::sim
