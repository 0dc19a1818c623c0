// A file that a worker has mapped and writes, seen from here.
//
// Job: map it shared as soon as it has its full size, and unmap it. What it holds outlives both processes. One thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace rcufarm::stress {

class MappedPage {
 public:
  // Not there yet, or smaller than `bytes`: nothing.
  static std::optional<MappedPage> map(const std::filesystem::path& file, std::size_t bytes);

  MappedPage(MappedPage&& other) noexcept;
  MappedPage& operator=(MappedPage&& other) noexcept;
  MappedPage(const MappedPage&) = delete;
  MappedPage& operator=(const MappedPage&) = delete;
  ~MappedPage();

  template <class T>
  const T& as() const {
    return *static_cast<const T*>(memory_);
  }

 private:
  MappedPage(void* memory, std::size_t bytes) : memory_(memory), bytes_(bytes) {}
  void* memory_ = nullptr;
  std::size_t bytes_ = 0;
};

// The input that a fuzz target's page shows (targets/shown_input.h); "" if none runs or there is no page.
std::string shown_input(const std::filesystem::path& page);

}  // namespace rcufarm::stress
