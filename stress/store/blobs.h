// Files by content hash: inputs, reports, diagrams.
//
// Job: keep bytes under their hash, so that a kill at any instant leaves a whole file or none. Owns the folder; any number of
// processes may use it at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace rcufarm::stress {

class Blobs {
 public:
  static constexpr std::uintmax_t bytes_max = std::uintmax_t{64} << 20U;

  // Makes the folder. Throws StoreError.
  explicit Blobs(std::filesystem::path folder);

  // Durable when it returns; gives the hash. Bytes that are there already are not written again. Throws StoreError.
  std::string put(std::string_view bytes) const;
  // Nothing if it is not there, or its bytes are not those of its name.
  std::optional<std::string> get(std::string_view hash) const;
  std::filesystem::path path_of(std::string_view hash) const;

 private:
  std::filesystem::path folder_;
};

// Writes a file that is whole or not there: temporary, fsync, rename, fsync of the folder. Throws StoreError.
void write_durably(const std::filesystem::path& file, std::string_view bytes);

}  // namespace rcufarm::stress
