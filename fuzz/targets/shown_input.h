// The input that a fuzz target runs, for whoever wants to run it again after the process was killed.
//
// Job: a copy in the file that RCUFARM_INPUT_PAGE names, mapped shared; without that variable nothing happens. One thread:
// the engine's. AFL++'s children inherit the mapping.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace rcufarm::targets {

inline constexpr const char* input_page_variable = "RCUFARM_INPUT_PAGE";
inline constexpr std::size_t shown_input_bytes_max = 1U << 16U;

// The file, in this machine's byte order.
struct InputPage {
  std::atomic<std::uint32_t> bytes{0};  // 0: no input is running
  std::byte input[shown_input_bytes_max];
};

// While it lives, the page shows `input`.
class ShownInput {
 public:
  explicit ShownInput(std::span<const std::byte> input);
  ~ShownInput();
  ShownInput(const ShownInput&) = delete;
  ShownInput& operator=(const ShownInput&) = delete;
};

}  // namespace rcufarm::targets
