#include "session/seeds.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <system_error>

namespace rcufarm::session {

namespace {

namespace fs = std::filesystem;

constexpr unsigned made_up_seeds = 16;
constexpr std::size_t made_up_bytes_step = 32;  // seed n has (n + 1) steps of random bytes

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

fs::path seed_name(const fs::path& folder, unsigned number) { return folder / fmt::format("seed-{:06}", number); }

bool write(const fs::path& file, const std::string& bytes) {
  return static_cast<bool>(std::ofstream(file, std::ios::binary) << bytes);
}

std::optional<std::string> make_up(const fs::path& to, std::size_t bytes_max) {
  std::mt19937 random(1);  // fixed: sessions are comparable
  for (unsigned number = 0; number < made_up_seeds; ++number) {
    std::string bytes(std::min(bytes_max, (number + 1) * made_up_bytes_step), '\0');
    std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(random() & 0xffU); });
    if (!write(seed_name(to, number), bytes)) return "cannot write to " + to.string();
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> prepare_seeds(const std::vector<fs::path>& from, const fs::path& to, std::size_t bytes_max) {
  std::error_code error;
  fs::create_directories(to, error);
  if (error) return fmt::format("cannot make {}: {}", to.string(), error.message());
  unsigned count = 0;
  for (const auto& folder : from) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
      if (entry.is_regular_file() && entry.file_size() > 0 && entry.file_size() <= bytes_max) files.push_back(entry);
    }
    if (error) return fmt::format("cannot read the seeds in {}: {}", folder.string(), error.message());
    std::sort(files.begin(), files.end());  // the order of a folder is its file system's affair
    for (const auto& file : files) {
      fs::copy_file(file, seed_name(to, count++), error);
      if (error) return fmt::format("cannot copy {}: {}", file.string(), error.message());
    }
  }
  return count > 0 ? std::nullopt : make_up(to, bytes_max);
}

unsigned remove_equal(const fs::path& folder, const fs::path& input) {
  std::error_code error;
  const auto size = fs::file_size(input, error);
  if (error) return 0;
  const auto bytes = bytes_of(input);
  std::vector<fs::path> equal;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.file_size(error) == size && bytes_of(entry.path()) == bytes) equal.push_back(entry.path());
  }
  for (const auto& file : equal) fs::remove(file, error);
  return static_cast<unsigned>(equal.size());
}

}  // namespace rcufarm::session
