// What libFuzzer prints, read line by line.
//
// Job: figures, the failing input and the report of one run of a libFuzzer program. Owner: one engine; one thread.
// Format: the status lines ("#4096 NEW cov: 8 …"), "stat::" lines (-print_final_stats=1) and "Test unit written to" of
// LLVM 14 to 19.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "session/figures.h"

namespace rcufarm::session {

class LibfuzzerLog {
 public:
  static constexpr std::size_t report_bytes_max = 256U << 10U;

  LibfuzzerLog() = default;
  // Goes on from what an earlier run told.
  explicit LibfuzzerLog(const Figures& figures) : figures_(figures) {}

  void line(std::string_view text);

  const Figures& figures() const { return figures_; }
  // Where the failing input was written to. A slow unit is no failure.
  const std::optional<std::filesystem::path>& failing_input() const { return failing_input_; }
  // All that is not a status line, cut at report_bytes_max.
  const std::string& report() const { return report_; }
  // True once it has read its seeds and fuzzes.
  bool initialised() const { return initialised_; }

 private:
  bool status_line(std::string_view text);
  void keep(std::string_view text);

  Figures figures_;
  std::optional<std::filesystem::path> failing_input_;
  std::string report_;
  bool initialised_ = false;
};

}  // namespace rcufarm::session
