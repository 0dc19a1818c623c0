#include "cli/input_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "cli/files.h"
#include "harness/sim/sim_input.h"

namespace rcufarm::cli {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> files_in(const fs::path& folder, std::error_code& error) {
  std::vector<fs::path> files;
  for (auto it = fs::directory_iterator(folder, error); !error && it != fs::directory_iterator(); it.increment(error)) {
    std::error_code gone;
    if (it->is_regular_file(gone) && it->file_size(gone) <= harness::encoded_bytes_max && !gone)
      files.push_back(it->path());
  }
  std::ranges::sort(files);
  return files;
}

void pick_some(std::vector<fs::path>& files, std::uint64_t seed) {
  if (files.size() <= given_most) return;
  for (std::size_t i = 0; i < given_most; ++i) {
    std::swap(files[i], files[i + harness::mix_seed(seed, i) % (files.size() - i)]);
  }
  files.resize(given_most);
}

}  // namespace

std::variant<std::vector<harness::DrawnScenario>, InputError> read_input_folder(const fs::path& folder,
                                                                                std::uint64_t seed) {
  std::error_code error;
  std::vector<fs::path> files = files_in(folder, error);
  if (error)
    return InputError{
        fmt::format("cannot read the folder {}: {}. Give another: --inputs", folder.string(), error.message())};
  pick_some(files, seed);
  std::vector<harness::DrawnScenario> scenarios;
  harness::SimInput input;
  for (const fs::path& file : files) {
    const auto content = read_file(file);
    const auto* bytes = std::get_if<std::string>(&content);
    if (bytes == nullptr) continue;
    harness::decode_input(std::as_bytes(std::span(*bytes)), input);
    if (scenario::total_ops(input.scenario) > harness::sim_scenario_limits().ops_max) continue;
    scenarios.push_back({input.scenario, harness::config_of(input)});
  }
  return scenarios;
}

void Novelties::add(const harness::DrawnScenario& drawn) {
  kept_.push_back(drawn);
  if (kept_.size() > novelties_most) kept_.pop_front();
}

std::string Novelties::write(const fs::path& folder) const {
  for (const harness::DrawnScenario& drawn : kept_) {
    harness::SimInput input{
        .scenario = drawn.scenario, .departures = {}, .config = harness::config_byte_of(drawn.config)};
    // It was a schedule that reached it: some random walk, and engines try others.
    input.walk = static_cast<std::uint8_t>(hash_of(as_text(harness::encode_input(input))) | 1U);
    const auto bytes = harness::encode_input(input);
    std::string error = write_file(folder / fmt::format("explored-{:016x}", hash_of(as_text(bytes))), as_text(bytes));
    if (!error.empty()) return error;
  }
  return "";
}

}  // namespace rcufarm::cli
