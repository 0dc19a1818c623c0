#include "stress/worker/corpus.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <system_error>
#include <vector>

#include "stress/store/sha256.h"
#include "stress/worker/work.h"

namespace rcufarm::stress {

namespace fs = std::filesystem;

namespace {

struct Entry {
  fs::path file;
  std::uintmax_t bytes = 0;
};

// Tells of every regular file that can be looked at: its path and bytes. One that goes away meanwhile is left out.
template <class Tell>
void each_of(const fs::path& folder, Tell tell) {
  std::error_code error;
  for (auto it = fs::directory_iterator(folder, error); !error && it != fs::directory_iterator(); it.increment(error)) {
    std::error_code gone;
    const auto bytes = it->is_regular_file(gone) ? it->file_size(gone) : 0;
    if (!gone && bytes > 0) tell(it->path(), bytes);
  }
}

std::vector<Entry> entries_of(const fs::path& folder) {
  std::vector<Entry> entries;
  each_of(folder, [&](const fs::path& file, std::uintmax_t bytes) { entries.push_back({file, bytes}); });
  return entries;
}

}  // namespace

void Corpus::make() const {
  std::error_code error;
  fs::create_directories(folder_, error);
}

CorpusSize Corpus::size() const {
  CorpusSize size;
  // Counted and not kept: twenty thousand paths are megabytes, and this is done each minute.
  each_of(folder_, [&](const fs::path&, std::uintmax_t bytes) {
    ++size.entries;
    size.bytes += bytes;
  });
  return size;
}

bool Corpus::add(const std::string& bytes) const {
  const fs::path file = folder_ / sha256(bytes).substr(0, 40);
  std::error_code error;
  if (bytes.empty() || fs::exists(file, error)) return false;
  // Beside the folder and not in it: libFuzzer reads whatever is there.
  const fs::path temporary =
      folder_.parent_path() / (file.filename().string() + "." + std::to_string(getpid()) + ".tmp");
  {
    std::ofstream out(temporary, std::ios::binary);
    if (!(out << bytes << std::flush)) {
      fs::remove(temporary, error);
      return false;
    }
  }
  fs::rename(temporary, file, error);
  return !error;
}

unsigned Corpus::add_newer(const fs::path& from, fs::file_time_type since, std::uintmax_t bytes_max) const {
  unsigned added = 0;
  each_of(from, [&](const fs::path& file, std::uintmax_t bytes) {
    std::error_code gone;
    if (bytes > bytes_max || fs::last_write_time(file, gone) < since || gone) return;
    if (add(read_bytes(file))) ++added;
  });
  return added;
}

unsigned Corpus::prune(std::uint64_t entries_max, std::uint64_t bytes_max) const {
  auto [count, bytes] = size();
  if (count <= entries_max && bytes <= bytes_max) return 0;
  auto entries = entries_of(folder_);
  std::ranges::sort(entries, [](const Entry& a, const Entry& b) { return a.bytes > b.bytes; });
  unsigned removed = 0;
  for (const Entry& entry : entries) {
    if (entries.size() - removed <= entries_max && bytes <= bytes_max) break;
    std::error_code error;
    if (!fs::remove(entry.file, error)) continue;
    bytes -= entry.bytes;
    ++removed;
  }
  return removed;
}

void Corpus::replace_by(const fs::path& merged) const {
  // The new ones first: at no moment is an input in neither.
  std::error_code error;
  std::vector<std::string> kept;
  for (const Entry& entry : entries_of(merged)) {
    kept.push_back(entry.file.filename());
    fs::rename(entry.file, folder_ / entry.file.filename(), error);
  }
  std::ranges::sort(kept);
  for (const Entry& entry : entries_of(folder_)) {
    if (!std::ranges::binary_search(kept, entry.file.filename().string())) fs::remove(entry.file, error);
  }
}

}  // namespace rcufarm::stress
