// The inputs that all workers of one target share: a folder of files named by their content.
//
// Job: add, count, bound and move them. libFuzzer reads and writes the folder itself, AFL++ reads it as a foreign one. Any
// number of processes at once: files are added whole and never changed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

namespace rcufarm::stress {

struct CorpusSize {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
};

class Corpus {
 public:
  explicit Corpus(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void make() const;

  const std::filesystem::path& folder() const { return folder_; }
  CorpusSize size() const;
  // False: it is there already, or it cannot be written.
  bool add(const std::string& bytes) const;
  // Adds the files of `from` that are newer than `since` and not larger than `bytes_max`; gives how many were new.
  // Files that cannot be read are left out.
  unsigned add_newer(const std::filesystem::path& from, std::filesystem::file_time_type since,
                     std::uintmax_t bytes_max) const;
  // Removes the largest files until both limits hold; gives how many went.
  unsigned prune(std::uint64_t entries_max, std::uint64_t bytes_max) const;
  // Puts `merged` (a folder that covers the same with fewer files) in its place.
  void replace_by(const std::filesystem::path& merged) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace rcufarm::stress
