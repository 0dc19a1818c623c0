#include "stress/worker/work.h"

#include <fstream>
#include <iterator>
#include <utility>

namespace rcufarm::stress {

Catch catch_of(const harness::Finding& finding, std::optional<std::string> input, std::string report) {
  return {.event = "",
          .kind = finding.kind,
          .signature = finding.signature,
          .input = std::move(input),
          .report = std::move(report),
          .seen = finding.seen,
          .leak = finding.leak};
}

std::filesystem::path afl_folder(const std::filesystem::path& state, const std::string& target) {
  return state / "afl" / ("afl_" + target);
}

std::filesystem::path replay_beside(const std::filesystem::path& program) {
  std::string name = program.filename();
  for (const std::string_view prefix : {"fuzz_", "stress_"}) {
    if (name.starts_with(prefix)) return program.parent_path() / ("replay_" + name.substr(prefix.size()));
  }
  return program;
}

std::string read_bytes(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return "";
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::string tail_of(std::string_view text, std::size_t bytes_max) {
  return std::string(text.size() > bytes_max ? text.substr(text.size() - bytes_max) : text);
}

}  // namespace rcufarm::stress
