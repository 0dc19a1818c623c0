#include "cli/files.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace rcufarm::cli {

std::variant<std::string, FileError> read_file(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return FileError{path.string() + " is a folder; give a file"};
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return FileError{"cannot open " + path.string() + ": " + std::strerror(errno)};
  std::string content;
  content.resize(file_bytes_max + 1);
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (file.bad()) return FileError{"cannot read " + path.string() + ": " + std::strerror(errno)};
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (content.size() > file_bytes_max) {
    return FileError{path.string() + " is larger than " + std::to_string(file_bytes_max) + " bytes"};
  }
  return content;
}

std::string write_file(const std::filesystem::path& path, std::string_view content) {
  const std::filesystem::path fresh = path.string() + ".new" + std::to_string(getpid());
  errno = 0;
  std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  std::error_code error;
  if (!file) {
    const std::string why = std::strerror(errno);
    std::filesystem::remove(fresh, error);
    return "cannot write " + path.string() + ": " + why;
  }
  std::filesystem::rename(fresh, path, error);
  return error ? "cannot write " + path.string() + ": " + error.message() : "";
}

TemporaryFolder::TemporaryFolder() {
  std::string name = std::filesystem::temp_directory_path() / "rcufarm-XXXXXX";
  if (mkdtemp(name.data()) == nullptr)
    throw std::runtime_error("cannot make the folder " + name + ": " + std::strerror(errno));
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

}  // namespace rcufarm::cli
