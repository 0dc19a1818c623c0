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
    const SiteNumber known = known_number_of(site);
    return known != 0 ? known : renew(recent_[place_of(site)], site);
  }
  // 0: it has to be looked up.
  SiteNumber known_number_of(const Site& site) const {
    const Recent& recent = recent_[place_of(site)];
    const std::uint64_t number = recent.rest - rest_of(site);
    return recent.function == site.function && number <= 0xffffU ? static_cast<SiteNumber>(number) : SiteNumber{0};
  }
  const Site& site(SiteNumber number) const { return sites_[number]; }
  // Of file name, function and line: equal in every process.
  std::uint32_t hash(SiteNumber number) const { return hashes_[number]; }

 private:
  static constexpr std::uint32_t table_size = 4 * sites_max;

  // Most operations come from few places, and these are found at once. Lines of one function are neighbours, four of them in a line of
  // the cache. Of a file's name half of the pointer will do: beside a function's name, which is the file's own or merged with one of
  // the same program.
  static constexpr std::uint32_t recent_max = 4096;
  struct alignas(16) Recent {
    const char* function = nullptr;
    std::uint64_t rest = 0;  // half of the file, the line, and the number
  };
  static_assert(sizeof(Recent) == 16);
  // With a place left for the number. A line that does not fit is looked up each time.
  static std::uint64_t rest_of(const Site& site) {
    return std::uint64_t{low_half(site.file)} << 32U | std::uint64_t{site.line} << 16U;
  }

  static std::uint32_t low_half(const char* pointer) {
    return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(pointer));
  }
  static std::uint32_t place_of(const Site& site) {
    return ((low_half(site.function) * 0x9e3779b1U >> 20U) + site.line) & (recent_max - 1);
  }
  SiteNumber renew(Recent& recent, const Site& site);
  SiteNumber look_up(const Site& site);
  SiteNumber add(const Site& site, std::uint32_t at);

  std::array<Recent, recent_max> recent_{};
  std::array<SiteNumber, table_size> table_{};
  std::array<Site, sites_max> sites_{};
  std::array<std::uint32_t, sites_max> hashes_{};
  SiteNumber count_ = 1;
};

}  // namespace rcufarm::sim
