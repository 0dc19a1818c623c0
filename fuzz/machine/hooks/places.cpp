#include "machine/hooks/places.h"

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <thread>

#include "machine/engine/check.h"
#include "machine/hooks/debug_info.h"

namespace rcufarm::hooks {

namespace {

struct Known {
  const void* address = nullptr;
  sim::Site site;
};

class Places {
 public:
  const sim::Site& of(const void* address) {
    std::size_t at = (reinterpret_cast<std::uintptr_t>(address) * 0x9e3779b97f4a7c15U) >> (64U - table_bits);
    while (table_[at].address != address) {
      if (table_[at].address == nullptr) return learn(at, address);
      at = (at + 1) % table_.size();
    }
    return table_[at].site;
  }

 private:
  const sim::Site& learn(std::size_t at, const void* address) {
    sim::check(++count_ < table_.size() / 2,
               "more accesses and calls in the code under test than places.cpp has room for");
    // The instruction before: the address may be another line's already. Reading debug information takes more stack than a
    // context has.
    SourcePlace found;
    std::thread([&] { found = debug_info().place_at(static_cast<const char*>(address) - 1); }).join();
    Known& known = table_[at];
    known.address = address;
    known.site = {.file = keep(found.file), .function = keep(found.function), .line = found.line};
    return known.site;
  }
  // Two addresses of one place give the same strings, as the machine's table of places expects.
  const char* keep(const std::string& text) {
    for (const std::string& kept : strings_) {
      if (kept == text) return kept.c_str();
    }
    return strings_.emplace_back(text).c_str();
  }

  static constexpr unsigned table_bits = 14;
  std::array<Known, 1U << table_bits> table_{};
  std::size_t count_ = 0;
  std::deque<std::string> strings_;
};

Places& places() {
  static Places all;
  return all;
}

}  // namespace

const sim::Site& place_of(const void* return_address) { return places().of(return_address); }

}  // namespace rcufarm::hooks
