// The inputs a session starts from.
//
// Job: copy them, make some where there are none, and take failing ones out of a folder. No state.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rcufarm::session {

// Copies all files of `from` (and of folders below) into the new folder `to`, as seed-000000 …; files over `bytes_max` are
// left out. If that leaves none, made-up ones are written: the same ones each time. An error says which folder could not
// be read or written.
std::optional<std::string> prepare_seeds(const std::vector<std::filesystem::path>& from,
                                         const std::filesystem::path& to, std::size_t bytes_max);

// Removes the files of `folder` whose bytes equal those of `input`; gives how many.
unsigned remove_equal(const std::filesystem::path& folder, const std::filesystem::path& input);

}  // namespace rcufarm::session
