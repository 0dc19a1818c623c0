// Folders of fuzz inputs, which the explorer shares with the fuzz engines.
//
// Job: read scenarios from such a folder, and write those that reached something new. No state but what is kept until it is
// written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "cli/input.h"
#include "harness/sim/draw.h"

namespace rcufarm::cli {

// The scenarios and configs of a folder's inputs; their schedules are left out. Of very many, some that `seed` picks. Those with
// more operations than the explorer itself would draw, and files that cannot be read, are passed over: engines write there meanwhile.
std::variant<std::vector<harness::DrawnScenario>, InputError> read_input_folder(const std::filesystem::path& folder,
                                                                                std::uint64_t seed);
inline constexpr std::size_t given_most = 1024;

// The newest of what was added: late in a search, what is new is rare.
class Novelties {
 public:
  void add(const harness::DrawnScenario& drawn);
  // Files named by their content. "" or what went wrong.
  std::string write(const std::filesystem::path& folder) const;

 private:
  std::deque<harness::DrawnScenario> kept_;
};
inline constexpr std::size_t novelties_most = 32;

}  // namespace rcufarm::cli
