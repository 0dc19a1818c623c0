// Files: read and write them whole, or say why not.
//
// Job: the command's only way to the disk. No state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace rcufarm::cli {

inline constexpr std::size_t file_bytes_max = std::size_t{16} << 20U;

struct FileError {
  std::string message;
};

std::variant<std::string, FileError> read_file(const std::filesystem::path& path);
// Through a new file beside it that takes its place, so that nobody sees half of it. "" or what went wrong.
std::string write_file(const std::filesystem::path& path, std::string_view content);
// A folder of one's own that goes with its owner. Throws std::runtime_error where none can be made.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};
// Names files by their content (FNV-1a).
std::uint64_t hash_of(std::string_view text);
inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace rcufarm::cli
