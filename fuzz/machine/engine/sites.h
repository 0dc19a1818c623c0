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
  SiteNumber number_of(const Site& site) { return number_of(site.file, site.function, site.line); }
  // In registers: what is asked for is there nearly always, and need not be written to memory for who looks it up.
  [[gnu::always_inline]] SiteNumber number_of(const char* file, const char* function, std::uint32_t line) {
    SiteNumber number;
    return knows(file, function, line, number) ? number : renew(file, function, line);
  }
  // False: it has to be looked up.
  [[gnu::always_inline]] bool knows(const char* file, const char* function, std::uint32_t line,
                                    SiteNumber& number) const {
    const Recent& recent = recent_[place_of(function, line)];
    const std::uint64_t told = recent.rest - rest_of(file, line);
    number = static_cast<SiteNumber>(told);
    return recent.function == function && told - 1 < 0xffffU;
  }
  const Site& site(SiteNumber number) const { return sites_[number]; }
  // Of what a store and a load of it are at, 0 for one that is unknown: file name, function and line, equal in every process. It is
  // ((store's hash << 32 | load's hash) * factor) >> 32, as a sum of two parts that are known ahead.
  std::uint32_t hash_of_pair(SiteNumber store, SiteNumber load) const { return as_store_[store] + as_load_[load]; }

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
  static std::uint64_t rest_of(const char* file, std::uint32_t line) {
    return std::uint64_t{low_half(file)} << 32U | std::uint64_t{line} << 16U;
  }

  static std::uint32_t low_half(const char* pointer) {
    return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(pointer));
  }
  static std::uint32_t place_of(const char* function, std::uint32_t line) {
    return ((low_half(function) * 0x9e3779b1U >> 20U) + line) & (recent_max - 1);
  }
  SiteNumber renew(const char* file, const char* function, std::uint32_t line);
  SiteNumber look_up(const Site& site);
  SiteNumber add(const Site& site, std::uint32_t at);

  std::array<Recent, recent_max> recent_{};
  std::array<SiteNumber, table_size> table_{};
  std::array<Site, sites_max> sites_{};
  std::array<std::uint32_t, sites_max> as_store_{};
  std::array<std::uint32_t, sites_max> as_load_{};
  SiteNumber count_ = 1;
};

}  // namespace rcufarm::sim
